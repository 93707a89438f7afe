"""Where a kind of source has to be named."""

from pathlib import Path

from tests.repo.places import Place, says, text

DOCUMENT = "docs/sources.md"


def _is_explained(root: Path, name: str) -> bool:
    page = text(root / DOCUMENT)
    headings = [line for line in page.splitlines() if line.startswith("### ")]
    return any(f"`{name}`" in line for line in headings)


SOURCE = (
    says("packages/datasets/src/relevo_datasets/dataset.py"),
    says("packages/datasets/src/relevo_datasets/declaration.py"),
    says("services/ingestor/src/ingestor/sources/opening.py"),
    says("services/ingestor/tests/test_sources.py"),
    Place(DOCUMENT, _is_explained),
)

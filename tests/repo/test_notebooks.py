"""Notebooks lie here without what a run leaves in them: a diff shows what was changed."""

import json
from typing import Any

import pytest

from tests.repo.files import ROOT, tracked

NOTEBOOKS = tracked("*.ipynb")
STRIP = "before you commit: see the end of notebooks/README.md"


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.name)
def notebook(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A notebook, as it lies here."""
    content: dict[str, Any] = json.loads(request.param.read_text())
    return content


def test_all_notebooks_are_in_their_folder_and_named_by_its_readme() -> None:
    readme = (ROOT / "notebooks" / "README.md").read_text()

    assert {path.parent for path in NOTEBOOKS} == {ROOT / "notebooks"}
    assert [path.name for path in NOTEBOOKS if path.name not in readme] == []


def test_a_notebook_has_no_outputs(notebook: dict[str, Any]) -> None:
    left = [
        cell["id"]
        for cell in notebook["cells"]
        if cell.get("outputs")
        or cell.get("execution_count") is not None
        or cell["metadata"]
    ]

    assert left == [], "clear all outputs before you commit"
    assert set(notebook["metadata"]) <= {"kernelspec", "language_info"}


def test_a_notebooks_cells_have_names_of_their_own(notebook: dict[str, Any]) -> None:
    names = [cell["id"] for cell in notebook["cells"]]

    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalpha() for name in names)


def test_a_notebook_begins_with_what_it_shows_and_how_to_start(
    notebook: dict[str, Any],
) -> None:
    first = notebook["cells"][0]
    text = "".join(first["source"])

    assert first["cell_type"] == "markdown"
    assert text.startswith("# ")
    assert "`make run`" in text
    assert "`make notebook`" in text

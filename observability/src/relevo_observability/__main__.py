"""`python -m relevo_observability [--check]` writes docs/metrics.md and the dashboards."""

import sys
from pathlib import Path

from relevo_observability.dashboards import DASHBOARDS
from relevo_observability.dashboards.building import as_json
from relevo_observability.metrics_page import metrics_page

ROOT = Path(__file__).parents[3]


def documents() -> dict[Path, str]:
    """Every file that is made here, and what it should hold."""
    folder = ROOT / "observability/grafana/dashboards"
    dashboards = {folder / f"{name}.json": as_json(d()) for name, d in DASHBOARDS.items()}
    return {ROOT / "docs/metrics.md": metrics_page(), **dashboards}


def main(arguments: list[str]) -> int:
    """Check or write; 1 when a committed file is not what it should be."""
    if arguments != ["--check"]:
        for path, text in documents().items():
            path.write_text(text)
        return 0
    stale = [
        p for p, text in documents().items() if not p.exists() or p.read_text() != text
    ]
    for path in stale:
        sys.stderr.write(f"{path.relative_to(ROOT)} is stale: run `make generate`\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

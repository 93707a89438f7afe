"""`python -m handbook [--check]` writes the pages about settings, commands and HTTP."""

import sys
from pathlib import Path

from handbook.commands_page import commands_page
from handbook.http_page import http_page
from handbook.settings_page import settings_page

ROOT = Path(__file__).parents[1]
PAGES = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "http.md": http_page,
}


def main(arguments: list[str]) -> int:
    """Check or write; 1 when a committed page is not what the code says."""
    made = {ROOT / "docs" / name: page() for name, page in PAGES.items()}
    if arguments != ["--check"]:
        for path, text in made.items():
            path.write_text(text)
        return 0
    stale = [p for p, text in made.items() if not p.exists() or p.read_text() != text]
    for path in stale:
        sys.stderr.write(f"{path.relative_to(ROOT)} is stale: run `make generate`\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

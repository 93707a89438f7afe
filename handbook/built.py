"""`python -m handbook.built FOLDER`: what a site links to is there, and is its own."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src")}
"""What a browser fetches by itself; `a` only shows where one may go."""
FETCHED_BY_STYLE = re.compile(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//")


class Page(HTMLParser):
    """links: tag, and what it names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and ((tag, name) in LOADED or (tag, name) == ("a", "href")):
                self.links.append((tag, value))


def faults(site: Path) -> Iterator[str]:
    """Each link that leads nowhere, and whatever is loaded from a stranger's host."""
    for page in sorted(site.rglob("*.html")):
        for tag, link in Page(page.read_text()).links:
            if fault := _fault(site, page, tag, link):
                yield f"{page.relative_to(site)}: {fault}"
    for style in sorted(site.rglob("*.css")):
        if FETCHED_BY_STYLE.search(style.read_text()):
            yield f"{style.relative_to(site)}: loads from a stranger's host"


def _fault(site: Path, page: Path, tag: str, link: str) -> str | None:
    parts = urlsplit(link)
    if parts.scheme in ("data", "mailto"):
        return None
    if parts.scheme or parts.netloc:
        return None if tag == "a" else f"loads {link}"
    path = unquote(parts.path)
    # the page of what is not found has addresses from the site's root
    target = site / path.lstrip("/") if path.startswith("/") else page.parent / path
    there = target.resolve()
    is_there = there.is_relative_to(site.resolve()) and there.exists()
    return None if not path or is_there else f"{link} is not in the site"


def main(arguments: list[str]) -> int:
    """1 when there is a fault."""
    found = list(faults(Path(arguments[0])))
    for fault in found:
        sys.stderr.write(f"{fault}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

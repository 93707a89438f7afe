"""`python -m handbook.links`: every relative link of our Markdown leads somewhere."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})


def pages() -> list[Path]:
    """The Markdown that git has or is about to be given."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],  # noqa: S607 (whichever git the person has)
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    names = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in names if path.is_file()]


def dead(page: Path) -> Iterator[tuple[int, str]]:
    """The line of each link that leads nowhere, and the link."""
    for line, link in _links(page):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        is_anchor_missing = (
            parts.fragment
            and target.suffix == ".md"
            and parts.fragment not in _anchors(target)
        )
        if not target.exists() or is_anchor_missing:
            yield line, link


@cache
def _tokens(page: Path) -> list[Token]:
    return MARKDOWN.parse(page.read_text())


def _links(page: Path) -> Iterator[tuple[int, str]]:
    for block in _tokens(page):
        for token in block.children or []:
            link = token.attrGet("href") or token.attrGet("src")
            if link:
                yield (block.map or [0])[0] + 1, str(link)


@cache
def _anchors(page: Path) -> set[str]:
    """The names of a page's headings, as forges make them."""
    if not page.exists():
        return set()
    found: Counter[str] = Counter()
    names = set()
    tokens = _tokens(page)
    for heading, inline in pairwise(tokens):
        if heading.type != "heading_open":
            continue
        words = "".join(each.content for each in inline.children or [])
        name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        names.add(f"{name}-{found[name]}" if found[name] else name)
        found[name] += 1
    return names


def main() -> int:
    """1 when a link is dead; each is told with its page and line."""
    found = [(page, *each) for page in pages() for each in dead(page)]
    for page, line, link in found:
        sys.stderr.write(f"{page.relative_to(ROOT)}:{line}: {link} leads nowhere\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""Dead links are found, in Markdown and in the built site, and strangers' hosts as well."""

from pathlib import Path

import pytest

from handbook.built import faults
from handbook.links import dead


@pytest.mark.parametrize(
    "link", ["gone.md", "#nowhere", "there.md#nowhere", "pictures/gone.png"]
)
def test_a_link_that_leads_nowhere_is_told_with_its_line(tmp_path: Path, link: str) -> None:
    (tmp_path / "there.md").write_text("# There\n")
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\nwords, and [a link]({link})\n")

    assert list(dead(page)) == [(3, link)]


@pytest.mark.parametrize(
    "link",
    ["there.md", "there.md#how-it-is-it-is-1", "#page", "https://example.org/gone", "."],
)
def test_a_link_that_leads_somewhere_is_not(tmp_path: Path, link: str) -> None:
    (tmp_path / "there.md").write_text("## How it `is`: *it is*\n\n## How it is it is\n")
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\n[a link]({link}), and `[none](gone.md)`\n")

    assert list(dead(page)) == []


def test_a_site_loads_nothing_from_a_stranger_and_links_to_what_it_has(
    tmp_path: Path,
) -> None:
    (tmp_path / "index.html").write_text(
        '<link href="style.css"><script src="https://cdn.example/x.js"></script>'
        '<a href="https://example.org">a place to go</a><a href="../outside">gone</a>'
    )
    (tmp_path / "style.css").write_text("@import url(https://fonts.example/x.css);")

    assert list(faults(tmp_path)) == [
        "index.html: loads https://cdn.example/x.js",
        "index.html: ../outside is not in the site",
        "style.css: loads from a stranger's host",
    ]

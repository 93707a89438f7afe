"""Where a new part of relevo has to be named, as CONTRIBUTING lists it and tests ask it."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.repo.files import ROOT

CONTRIBUTING = ROOT / "CONTRIBUTING.md"


@dataclass(frozen=True)
class Place:
    """where: as CONTRIBUTING writes it. knows: is what has that name known there?

    `knows` is given the root of a checkout, which may be a copy, and the name.
    """

    where: str
    knows: Callable[[Path, str], bool]


def forgotten(places: Iterable[Place], name: str, root: Path = ROOT) -> list[str]:
    """The places where nothing of that name is known."""
    return [place.where for place in places if not place.knows(root, name)]


def listed(what: str) -> tuple[str, list[str]]:
    """What CONTRIBUTING says of adding it: how many places, as a word, and each of them."""
    section = rf"^## Add a {what}, in (\w+) places\n(.*?)(?=^## |\Z)"
    found = re.search(section, CONTRIBUTING.read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"CONTRIBUTING.md has no section `## Add a {what}, in … places`"
    return found[1], re.split(r"^\d+\. ", found[2], flags=re.MULTILINE)[1:]


def says(where: str) -> Place:
    """A Python file in which the name stands as a text of its own."""
    return Place(where, lambda root, name: name in words(root / where))


@cache
def text(path: Path) -> str:
    """A file's text; nothing where it is not there."""
    return path.read_text() if path.is_file() else ""


@cache
def words(path: Path) -> set[str]:
    """The texts that stand alone in a Python file."""
    return {word for node in ast.walk(_parsed(path)) for word in _word(node)}


@cache
def arguments(path: Path, name: str) -> set[str]:
    """The texts that are given by that name to what a Python file calls."""
    keywords = [n for n in ast.walk(_parsed(path)) if isinstance(n, ast.keyword)]
    return {word for each in keywords if each.arg == name for word in _word(each.value)}


def _parsed(path: Path) -> ast.Module:
    return ast.parse(text(path))


def _word(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value

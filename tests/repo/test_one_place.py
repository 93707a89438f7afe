"""What a value means, and which tables there are, is said in one place each."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from relevo_datasets import names
from tests.repo.files import shown, tracked
from tests.repo.naming import texts
from tests.repo.switches import switches

ROOM_OF_KINDS = "packages/features/"
NAME = re.compile(rf"(?<![\w-])(?:{'|'.join(names())})(?!\w)")
MAY_NAME = re.compile(
    r"tests/|.*/tests/|docs/|.*\.md$"  # tests, and what people read
    r"|packages/contracts/schemas/"  # of descriptions
    r"|packages/datasets/src/relevo_datasets/shipped/"
    r"|services/data-api/src/data_api/(data/|prepare\.py)"  # where the rows are from
    r"|benchmarks/|load/"  # what is measured is measured on one of them
    r"|packages/story/src/relevo_story/telling/samples\.py"
    # which one is learned from where nobody says it
    r"|packages/runtime/src/relevo_runtime/settings\.py"
    r"|services/data-api/src/data_api/sources\.py"
    r"|local/src/relevo_local/places/addresses\.py"
    r"|aws/src/relevo_aws/template\.yaml|compose\.yaml|kubernetes/base/relevo\.env"
)


def is_program(path: Path) -> bool:
    return path.suffix == ".py" and "tests" not in path.parts


@pytest.mark.parametrize(
    "source",
    [
        'if feature.kind == "boolean": ...',
        'found = [f for f in features if f.kind in ("code", "category")]',
        'if "identifier" != kind: ...',
        'match feature.kind:\n    case "integer" | "number": ...',
        'TYPES = {"integer": int, "identifier": int}',
    ],
)
def test_a_switch_on_a_kind_is_recognised(source: str) -> None:
    assert switches(source) == [1]


@pytest.mark.parametrize(
    "source",
    [
        'letter.kind == "poison"',
        'KINDS[feature.kind].json_type == "integer"',
        'JSON = {"integer": int, "number": float, "boolean": bool, "string": str}',
        'row = {"id": 1, "number": 2}',
        'Feature(name="x", kind="category")',
    ],
)
def test_what_only_looks_like_one_is_left_alone(source: str) -> None:
    assert switches(source) == []


def test_only_the_room_of_kinds_tells_kinds_apart() -> None:
    found = {
        shown(path): lines
        for path in tracked("*.py")
        if is_program(path) and not shown(path).startswith(ROOM_OF_KINDS)
        if (lines := switches(path.read_text()))
    }

    assert found == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""Of pima."""\nNAME = "pima"  # pima', [2]),
        ('if name in ("iris", "pima"): ...', [1]),
        ('batch = f"pima-{number:04d}"', [1]),
        ('Field(description="e.g. pima")\nOption(help="say" " pima")', []),
        ('"pimala"', []),
    ],
)
def test_a_name_is_found_in_what_a_program_works_with(
    source: str, found: list[int]
) -> None:
    assert [line for line, text in texts(source) if NAME.search(text)] == found


def test_only_declarations_name_a_dataset() -> None:
    found = [
        f"{shown(path)}:{line}"
        for path in tracked()
        if not MAY_NAME.match(shown(path))
        for line, text in said(path)
        if NAME.search(text)
    ]

    assert found == []


def said(path: Path) -> Iterable[tuple[int, str]]:
    """Each line of a file, or each text of a program."""
    content = path.read_text(errors="replace")
    return texts(content) if path.suffix == ".py" else enumerate(content.splitlines(), 1)

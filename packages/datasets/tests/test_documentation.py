"""docs/datasets.md explains every key of a declaration, with its default, and no other."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from relevo_contracts.manifest import Outside
from relevo_datasets import Derivation, read_declaration
from relevo_datasets.declaration import (
    Declaration,
    DeclaredClass,
    DeclaredFeature,
    DeclaredRows,
    DeclaredSource,
    DeclaredTarget,
)
from relevo_features import KINDS

PAGE = Path(__file__).parents[3] / "docs" / "datasets.md"

SECTIONS: dict[str, type[BaseModel]] = {
    "The dataset": Declaration,
    "`[rows]`": DeclaredRows,
    "`[source]`": DeclaredSource,
    "`[[targets]]`": DeclaredTarget,
    "`classes` of a target": DeclaredClass,
    "`[[features]]`": DeclaredFeature,
    "`[[derivations]]`": Derivation,
    "`[[outside]]`": Outside,
}


def section(title: str) -> str:
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(f"\n### {title}\n")
    return re.split(r"\n##", rest)[0].strip()


def told(title: str) -> dict[str, str]:
    """The default of each key in the first table of the section."""
    table = next(part for part in section(title).split("\n\n") if part.startswith("|"))
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", table, flags=re.MULTILINE))


@pytest.mark.parametrize("title", SECTIONS)
def test_each_key_is_explained_and_no_other(title: str) -> None:
    fields = SECTIONS[title].model_fields
    keys = {field.alias or name for name, field in fields.items()}

    assert set(told(title)) == keys


@pytest.mark.parametrize("title", SECTIONS)
def test_defaults_are_those_of_the_code(title: str) -> None:
    for name, field in SECTIONS[title].model_fields.items():
        shown = told(title)[field.alias or name]
        if field.is_required():
            assert shown == "required", name
        elif isinstance(field.default, bool | int):
            assert shown == str(field.default).lower(), name
        elif isinstance(field.default, str) and field.default:
            assert shown == f"`{field.default}`", name
        else:
            assert field.default is not PydanticUndefined
            assert shown != "required", name


def test_the_kinds_and_what_each_may_have_are_those_of_the_code() -> None:
    table = section("`[[features]]`").split("\n\n")[1]
    rows = re.findall(r"^\| (`.*?) \| .*? \| (.*?)\|$", table, flags=re.MULTILINE)
    shown = {
        kind: tuple(re.findall(r"`(\w+)`", keys))
        for kinds, keys in rows
        for kind in re.findall(r"`(\w+)`", kinds)
    }

    assert shown == {name: kind.keys for name, kind in KINDS.items()}


def test_the_example_is_a_declaration(tmp_path: Path) -> None:
    text = re.findall(
        r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL
    )[0]
    file = tmp_path / "subscribers.toml"
    file.write_text(text)

    dataset = read_declaration(file)

    assert dataset.name == tomllib.loads(text)["name"]
    assert [each.value for each in dataset.default_target.classes] == [0, 1]

"""Saved statements to begin with; each runs on any dataset's views."""

from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Example:
    """A statement and what it answers."""

    name: str
    sql: str


def saved_examples() -> list[Example]:
    """Those of examples.sql, which name no schema: the chosen dataset's is meant."""
    text = files("relevo_sql").joinpath("examples.sql").read_text(encoding="utf-8")
    blocks = [block.strip().split("\n", 1) for block in text.split("\n\n")]
    return [Example(name.removeprefix("-- "), sql) for name, sql in blocks]

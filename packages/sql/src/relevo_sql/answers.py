"""What a statement is answered with, and what there is to be asked."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column and its type in DuckDB's words, such as DOUBLE or VARCHAR."""

    name: str
    type: str


@dataclass(frozen=True)
class Answer:
    """The first rows of a result.

    rows: Python values in the order of the columns; times are aware, in UTC.
    truncated: there are more rows than these. seconds: how long it took.
    """

    columns: tuple[Column, ...]
    rows: list[tuple[object, ...]]
    truncated: bool
    seconds: float


@dataclass(frozen=True)
class View:
    """One view of a dataset; schema is the dataset's name."""

    schema: str
    name: str
    columns: tuple[Column, ...]

"""Small batches of a table that is easy to learn, and its declaration."""

import hashlib
import random
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

ROWS = 160
EXAMPLE = {"area": 50.0, "rooms": 3, "district": "north"}

DECLARATION = """\
name = "{name}"
title = "Flats: are they let within a week?"
rows = {{ id = "flat" }}

[[targets]]
column = "let"
task = "binary"
classes = [{{ value = 0, label = "not let" }}, {{ value = 1, label = "let" }}]

[[features]]
name = "area"
kind = "number"
minimum = 0

[[features]]
name = "rooms"
kind = "integer"
minimum = 0

[[features]]
name = "district"
kind = "category"
categories = ["north", "south", "west"]

[candidates.random_forest]
n_estimators = 3
min_samples_leaf = 5
max_samples = 0.8

[candidates.lightgbm]
n_estimators = 3
learning_rate = 0.3
num_leaves = 4
min_child_samples = 10

[candidates.hist_gradient_boosting]
max_iter = 3
learning_rate = 0.3
max_leaf_nodes = 4
min_samples_leaf = 10

[candidates.logistic_regression]
C = 1.0

[example]
area = 50.0
rooms = 3
district = "north"
"""


PATIENT = """
[holding]
rate = 100
score = 8
"""
"""Few rows are odd by chance; only those that are all wrong are held."""


@dataclass(frozen=True)
class Batch:
    """What a source has: a number and the bytes of a Parquet file."""

    number: int
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def declare(folder: Path, names: tuple[str, ...]) -> Path:
    """A folder with a declaration for each name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{name}.toml").write_text(DECLARATION.format(name=name) + PATIENT)
    return folder


def batch(number: int, *, rows: int = ROWS) -> Batch:
    """The batch of that number: the same each time, its rows in no other."""
    return _batch(number, rows_of(number, rows))


def torn(number: int) -> Batch:
    """One with three rows that nobody can read: they are put aside."""
    rows = rows_of(number, ROWS)
    return _batch(number, [row | {"area": "wide"} for row in rows[:3]] + rows[3:])


def garbage(number: int) -> Batch:
    """One that the ingestor refuses: no table."""
    return Batch(number, b"no Parquet, as number " + str(number).encode())


def short(number: int) -> Batch:
    """One that the cleaner refuses: too few rows."""
    return batch(number, rows=20)


def flipped(number: int, *, rows: int = ROWS) -> Batch:
    """One that the trainer holds: the classes are named the other way round."""
    honest = rows_of(number, rows)
    return _batch(number, [row | {"let": str(1 - int(row["let"]))} for row in honest])


def lonely(number: int) -> Batch:
    """One that the trainer refuses when it is the first: one row of a class."""
    first, *others = rows_of(number, ROWS)
    return _batch(number, [first | {"let": "1"}, *(row | {"let": "0"} for row in others)])


def rows_of(number: int, count: int) -> list[dict[str, str]]:
    """The rows as text."""
    chance = random.Random(number)  # noqa: S311
    return [_row(number * 100_000 + place, chance) for place in range(count)]


def _batch(number: int, rows: list[dict[str, str]]) -> Batch:
    file = BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), file)
    return Batch(number, file.getvalue())


def _row(flat: int, chance: random.Random) -> dict[str, str]:
    area, rooms = chance.uniform(20, 120), chance.randint(1, 6)
    is_let = area / rooms > 18
    return {
        "flat": str(flat),
        "area": f"{area:.1f}",
        "rooms": str(rooms),
        "district": chance.choice(["north", "south", "west"]),
        "let": str(int(is_let)),
    }

"""From a file of rows to the file of its declaration, and to a plain copy where needed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from os.path import relpath
from pathlib import Path

import pyarrow as pa
from pydantic import JsonValue

from relevo_datasets.consistency import check_name
from relevo_datasets.dataset import Dataset
from relevo_datasets.declarations import parse_declaration
from relevo_datasets.drafting.draft import Draft, Origin, batch_rows, draft
from relevo_datasets.drafting.plain import (
    lacking_class,
    unplain,
    with_decimal_commas,
    write_plain,
)
from relevo_datasets.drafting.profiling import Profile
from relevo_datasets.drafting.targets import column_of, target_of
from relevo_datasets.drafting.toml_text import Value
from relevo_datasets.drafting.writing import text_of
from relevo_datasets.table_files import TableFile, TableFileError
from relevo_datasets.table_forms import open_table
from relevo_features import Reader

MOST_DEALT = 5_000_000
"""Rows that are shuffled in memory."""
EXAMPLE_ROWS = 500

Progress = Callable[[int], None]
"""Is told how many rows were read."""


@dataclass(frozen=True)
class Wish:
    """What a person asked for; None: it is guessed. folder: where the draft goes."""

    file: Path
    folder: Path
    name: str
    target: str | None = None
    header: bool | None = None


@dataclass(frozen=True)
class Drafted:
    """What was written: the declaration, and the plain copy with the reasons for it."""

    declaration: Path
    draft: Draft
    rows: int
    batch_rows: int
    copy: Path | None = None
    copied_because: tuple[str, ...] = ()


def name_of(file: Path) -> str:
    """A name for the dataset of a file: small letters, digits and _."""
    name = re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_")
    return (name if name[:1].isalpha() else f"table_{name}".rstrip("_"))[:40]


def draft_file(wish: Wish, progress: Progress = lambda _: None) -> Drafted:
    """Draft and write; what is there already is never overwritten.

    Raises FileExistsError, TableFileError, NoTarget, and ValueError for a wrong name.
    """
    check_name(wish.name)
    declaration = wish.folder / f"{wish.name}.toml"
    if declaration.exists():
        raise FileExistsError(declaration)
    file = open_table(wish.file, header=wish.header)
    profiles = profiles_of(file, progress)
    reasons, decimals = unplain(file), with_decimal_commas(profiles)
    if decimals:
        reasons.append(f"{', '.join(map(repr, decimals[:5]))} have decimal commas")
    lacking = _lacking(file, profiles, wish.target, decimals)
    if lacking:
        reasons.append(f"its rows are in order: some batch would have no {lacking!r}")
    if not reasons:
        return _drafted(wish, file, profiles)
    copy = wish.folder / f"{wish.name}.parquet"
    write_plain(file, copy, decimals=decimals, is_dealt=bool(lacking))
    try:
        file = open_table(copy)
        profiles = profiles_of(file, progress) if decimals else profiles
        drafted = _drafted(wish, file, profiles)
    except BaseException:
        copy.unlink()
        raise
    return replace(drafted, copy=copy, copied_because=tuple(reasons))


def _drafted(wish: Wish, file: TableFile, profiles: list[Profile]) -> Drafted:
    origin = Origin(_relative(file.path, wish.folder), file.has_header)
    made = draft(profiles, origin, name=wish.name, target=wish.target)
    declaration = wish.folder / f"{wish.name}.toml"
    bare = parse_declaration(text_of(made, wish.file.name, {}), declaration)
    rows = pa.concat_tables(islice(file.chunks(), 1)).slice(0, EXAMPLE_ROWS)
    text = text_of(made, wish.file.name, example_of(bare, rows))
    parse_declaration(text, declaration)
    with declaration.open("x", encoding="utf-8") as out:
        out.write(text)
    return Drafted(declaration, made, profiles[0].rows, bare.source.batch_rows)


def profiles_of(file: TableFile, progress: Progress) -> list[Profile]:
    """What all columns hold; raises TableFileError for a file without rows."""
    profiles = [Profile(name) for name in file.names]
    for chunk in file.chunks():
        for profile in profiles:
            profile.add(chunk[profile.name])
        progress(chunk.num_rows)
    if not profiles[0].rows:
        raise TableFileError(f"{file.path}: has no rows")
    return profiles


def _lacking(
    file: TableFile, profiles: list[Profile], wanted: str | None, decimals: list[str]
) -> str | None:
    """A class that some batch would lack, were the rows taken in their order."""
    rows, column = profiles[0].rows, column_of(file.names, wanted)
    is_number = column in decimals or not target_of(profiles, wanted).classes
    if is_number or rows > MOST_DEALT:
        return None
    parts = [chunk[column] for chunk in file.chunks()]
    classes = pa.chunked_array([piece for part in parts for piece in part.chunks])
    return lacking_class(classes, batch_rows(rows))


def _relative(path: Path, folder: Path) -> str:
    return Path(relpath(path.resolve(), folder.resolve())).as_posix()


def example_of(dataset: Dataset, rows: pa.Table) -> dict[str, Value]:
    """The first row that has all values, as a caller sends it; what lacks is another's."""
    columns = {
        feature.name: _sent(Reader(feature), rows[feature.raw_name].to_pylist())
        for feature in dataset.features
    }
    places = range(rows.num_rows)
    full = (p for p in places if all(values[p] is not None for values in columns.values()))
    best = next(full, 0)
    example = {}
    for name, values in columns.items():
        others = (value for value in (values[best], *values) if value is not None)
        if (value := next(others, None)) is not None:
            example[name] = value
    return example


def _sent(reader: Reader, values: list[JsonValue]) -> list[Value | None]:
    clean, _, _ = reader.read_all(values)
    sent = map(reader.kind.as_sent, clean)
    return [value if isinstance(value, str | int | float) else None for value in sent]

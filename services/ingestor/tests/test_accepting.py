"""Which bytes are a batch, and in what form a batch is kept."""

import random
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pyarrow as pa
import pytest
from pyarrow import parquet

from ingestor.reading.accepting import Limits, RawTable, accept
from relevo_contracts import PoisonError
from relevo_datasets import Source, dataset_named

DIABETES130 = dataset_named("diabetes130")
LIMITS = Limits(bytes=1_000_000, rows=1_000)

Write = Callable[[pa.Table], bytes]


def take(content: bytes, limits: Limits = LIMITS) -> RawTable:
    return accept(content, "parquet", DIABETES130, limits)


def with_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def test_the_bytes_of_a_table_of_text_are_kept(
    real_rows: pa.Table, to_parquet: Write
) -> None:
    content = to_parquet(real_rows)

    assert take(content) == RawTable(content, rows=200)


def test_numbers_and_categories_become_text(real_rows: pa.Table, to_parquet: Write) -> None:
    days = real_rows["time_in_hospital"]
    typed = with_column(real_rows, "time_in_hospital", days.cast(pa.int64()))
    typed = with_column(typed, "race", real_rows["race"].dictionary_encode())

    raw = take(to_parquet(typed))

    assert parquet.read_table(BytesIO(raw.content)) == real_rows
    assert raw == take(to_parquet(typed)), "the same batch is the same bytes"


def test_the_columns_of_a_source_without_a_header_are_known_by_their_place(
    real_rows: pa.Table, to_parquet: Write
) -> None:
    headless = replace(DIABETES130, source=Source(header=False))
    nameless = real_rows.rename_columns([f"f{n}" for n in range(real_rows.num_columns)])
    content = to_parquet(nameless)

    raw = accept(content, "parquet", headless, LIMITS)

    assert parquet.read_table(BytesIO(raw.content)) == real_rows
    with pytest.raises(PoisonError, match="missing columns"):
        take(content)


def faulty(kind: str, rows: pa.Table) -> pa.Table:
    match kind:
        case "a column is missing":
            return rows.drop_columns(["insulin"])
        case "a column is unknown":
            return rows.append_column("surprise", rows["race"])
        case "a column is there twice":
            return rows.append_column("race", rows["race"])
        case "no rows":
            return rows.slice(0, 0)
        case "ten times the rows":
            return pa.concat_tables([rows] * 10)
        case "a column of lists":
            return with_column(rows, "race", pa.array([["x"]] * 200))
        case "bytes that are no text":
            offsets = pa.array(range(0, 804, 4), pa.int32()).buffers()[1]
            no_text = pa.StringArray.from_buffers(200, offsets, pa.py_buffer(b"\xff" * 800))
            return with_column(rows, "race", no_text)
    raise AssertionError(kind)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("a column is missing", "missing column 'insulin'"),
        ("a column is unknown", "unknown column 'surprise'"),
        ("a column is there twice", "repeated column 'race'"),
        ("no rows", "no rows"),
        ("ten times the rows", "2,000 rows, at most 1,000"),
        ("a column of lists", "nested column 'race'"),
        ("bytes that are no text", "UTF"),
    ],
)
def test_what_is_not_a_table_of_the_dataset_is_refused_with_the_reason(
    real_rows: pa.Table, to_parquet: Write, kind: str, reason: str
) -> None:
    with pytest.raises(PoisonError, match=reason):
        take(to_parquet(faulty(kind, real_rows)))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"<html>", b"PAR1" * 100])
def test_what_is_not_parquet_is_refused(content: bytes) -> None:
    with pytest.raises(PoisonError, match="not a Parquet table"):
        take(content)


def test_a_small_file_that_unpacks_to_many_rows_is_refused_by_its_footer(
    real_rows: pa.Table, to_parquet: Write
) -> None:
    endless = pa.table({name: pa.nulls(20_000_000, pa.string()) for name in ["race"]})
    content = to_parquet(endless)

    assert len(content) < 100_000
    with pytest.raises(PoisonError, match="20,000,000 rows"):
        take(content)


def test_a_small_file_that_unpacks_to_long_texts_is_refused(
    real_rows: pa.Table, to_parquet: Write
) -> None:
    long = with_column(real_rows, "race", pa.array(["x" * 100_000] * 200))
    content = to_parquet(long)

    assert len(content) < 200_000
    with pytest.raises(PoisonError, match="bytes unpacked"):
        take(content)


@pytest.mark.parametrize("seed", range(60))
def test_damaged_bytes_are_refused_or_read_and_nothing_else(
    real_rows: pa.Table, to_parquet: Write, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 (reproducible damage, no secret)
    content = bytearray(to_parquet(real_rows))
    for _ in range(chance.randint(1, 10)):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    if seed % 3 == 0:
        content = content[: chance.randrange(len(content))]

    try:
        raw = take(bytes(content))
    except PoisonError:
        return
    assert parquet.read_table(BytesIO(raw.content)).num_rows == raw.rows

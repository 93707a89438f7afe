"""The shipped batches are the published data, and SOURCE.md tells the truth about them."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from data_api.dataset import read_batches
from data_api.formats import Format, render
from data_api.prepare import (
    BATCH_ROWS,
    FOLDER,
    PUBLISHED_SHA256,
    read_published,
    write_batches,
)

SHIPPED = read_batches(FOLDER)


def test_the_batches_give_back_the_published_file_byte_for_byte() -> None:
    published = hashlib.sha256()
    for batch in SHIPPED:
        content = b"".join(render(batch, Format.CSV))
        if batch.number > 1:
            content = content[content.index(b"\n") + 1 :]
        published.update(content)

    assert published.hexdigest() == PUBLISHED_SHA256


def test_seven_batches_of_15_000_rows_are_shipped_and_the_last_is_shorter() -> None:
    assert [batch.rows for batch in SHIPPED] == [BATCH_ROWS] * 6 + [11_766]


def test_the_source_page_names_licence_and_checksum_of_every_batch() -> None:
    page = (FOLDER / "SOURCE.md").read_text()

    assert "CC BY 4.0" in page
    assert PUBLISHED_SHA256 in page
    for batch in SHIPPED:
        assert f"| {batch.path.name} | {batch.rows:,} | {batch.sha256} |" in page


def test_batches_are_cut_in_file_order_with_every_column_as_text(tmp_path: Path) -> None:
    csv = tmp_path / "published.csv"
    csv.write_bytes(b"id,glucose\r\n1,?\r\n2,None\r\n3,\r\n")

    table = read_published(csv, sha256=hashlib.sha256(csv.read_bytes()).hexdigest())
    paths = write_batches(table, tmp_path / "batches", rows=2)

    assert [path.name for path in paths] == ["batch-0001.parquet", "batch-0002.parquet"]
    first, second = (parquet.read_table(path) for path in paths)
    assert first.to_pydict() == {"id": ["1", "2"], "glucose": ["?", "None"]}
    assert second.to_pydict() == {"id": ["3"], "glucose": [""]}
    assert set(first.schema.types) == {pa.string()}


def test_another_file_than_the_published_one_is_refused(tmp_path: Path) -> None:
    csv = tmp_path / "published.csv"
    csv.write_bytes(b"id\r\n1\r\n")

    with pytest.raises(ValueError, match=PUBLISHED_SHA256):
        read_published(csv)

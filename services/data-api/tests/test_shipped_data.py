"""The shipped batches are the published data, and SOURCE.md tells the truth about them."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from data_api.cutting import Piece, whole
from data_api.dataset import Batch
from data_api.formats import Format, render
from data_api.prepare import PUBLISHED, read_published, write_batches
from data_api.sources import SHIPPED, Source

LINE_ENDS = {"pima": b"\n"}
ROWS = {
    "diabetes130": [15_000] * 6 + [11_766],
    "pima": [256] * 3,
    "covertype": [2_100] * 3 + [2_086],
}


def shipped(name: str) -> list[Piece]:
    return [whole(path) for path in Source(name, SHIPPED / name).files()]


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_the_batches_give_back_the_published_file_byte_for_byte(name: str) -> None:
    published = hashlib.sha256()
    for number, piece in enumerate(shipped(name), start=1):
        batch = Batch(number, piece.path, piece.sha256, piece.size, piece.rows)
        content = b"".join(render(batch, Format.CSV))
        if number > 1:
            content = content[content.index(b"\n") + 1 :]
        published.update(content.replace(b"\r\n", LINE_ENDS.get(name, b"\r\n")))

    assert published.hexdigest() == PUBLISHED[name].sha256


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_shipped_batch_is_full_but_the_last(name: str) -> None:
    assert [piece.rows for piece in shipped(name)] == ROWS[name]


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_source_page_names_licence_and_checksum_of_every_batch(name: str) -> None:
    page = (SHIPPED / "SOURCE.md").read_text()
    of_this = page.split(f"## {name}\n")[1].split("\n## ")[0]

    assert "CC BY 4.0" in of_this or "public domain" in of_this
    assert PUBLISHED[name].sha256 in of_this
    for piece in shipped(name):
        line = f"| {name}/{piece.path.name} | {piece.rows:,} | {piece.sha256} |"
        assert line in page


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

    with pytest.raises(ValueError, match=PUBLISHED["pima"].sha256):
        read_published(csv, sha256=PUBLISHED["pima"].sha256)

"""A table file becomes batches of text, the same ones whoever wrote it."""

from itertools import chain
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from data_api.cutting import CHUNK_ROWS, UNREADABLE, Piece, content_of, cut, read_text


def pieces(path: Path, rows: int | None) -> list[Piece]:
    return list(cut(read_text(path), path.parent / "cut", rows=rows))


def csv_of(folder: Path, text: str | bytes) -> Path:
    path = folder / "rows.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_csv_is_cut_in_order_with_every_value_as_its_text(tmp_path: Path) -> None:
    path = csv_of(tmp_path, 'id,words\r\n1,?\r\n02,"a, ""b""\nc"\r\n3,\r\n')

    first, second = pieces(path, 2)

    assert parquet.read_table(first.path).to_pydict() == {
        "id": ["1", "02"],
        "words": ["?", 'a, "b"\nc'],
    }
    assert parquet.read_table(second.path).to_pydict() == {"id": ["3"], "words": [""]}
    assert (first.rows, second.rows) == (2, 1)


@pytest.mark.parametrize("rows", [1, 4_999, 5_000, 12_000, 12_001, None])
def test_no_row_is_lost_or_doubled_wherever_it_is_cut(
    tmp_path: Path, rows: int | None
) -> None:
    count = 12_000 if rows != 1 else 50
    path = csv_of(tmp_path, "id\n" + "".join(f"{n}\n" for n in range(count)))

    found = pieces(path, rows)

    ids = [parquet.read_table(piece.path)["id"].to_pylist() for piece in found]
    assert list(chain(*ids)) == [str(n) for n in range(count)]
    assert {len(part) for part in ids[:-1]} <= {rows}


def test_a_large_file_is_read_a_part_at_a_time(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "text\n" + ("x" * 100 + "\n") * 60_000)

    largest = max(chunk.nbytes for chunk in read_text(path))

    assert largest < path.stat().st_size / 3


def test_parquet_with_types_becomes_the_same_batches_as_its_csv(tmp_path: Path) -> None:
    typed = pa.table({"n": pa.array([1, 2, 3]), "word": ["a", "b", "a"]})
    typed = typed.set_column(1, "word", typed["word"].dictionary_encode())
    parquet.write_table(typed, tmp_path / "rows.parquet")
    text = csv_of(tmp_path, "n,word\n1,a\n2,b\n3,a\n")

    of_csv = [piece.content for piece in pieces(text, 2)]
    assert [piece.content for piece in pieces(tmp_path / "rows.parquet", 2)] == of_csv


def test_the_content_is_what_it_says_and_not_how_it_is_laid_out() -> None:
    long = pa.table({"a": [str(n) for n in range(CHUNK_ROWS * 2)], "b": ["x"] * 10_000})
    other = pa.concat_tables([long.slice(0, 7), long.slice(7)])

    assert content_of(other) == content_of(long)
    different = [
        long.rename_columns(["b", "a"]),
        long.slice(1),
        pa.table({"a": ["1x"], "b": [""]}),
        pa.table({"a": ["1"], "b": ["x"]}),
        pa.table({"a": ["1"], "b": pa.array([None], pa.string())}),
    ]
    assert len({content_of(each) for each in [long, *different]}) == 6


def test_what_is_there_already_keeps_its_bytes(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "id\n1\n2\n")
    (piece,) = pieces(path, 10)
    table = parquet.read_table(piece.path)
    parquet.write_table(table, piece.path, compression="none")  # as another version would

    (again,) = pieces(path, 10)

    assert again.content == piece.content
    assert again.sha256 != piece.sha256
    assert parquet.ParquetFile(again.path).metadata.row_group(0).column(0).compression == (
        "UNCOMPRESSED"
    )


def test_a_csv_without_a_header_keeps_its_first_line(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "1,a\n2,b\n")

    (table,) = (chunk for chunk in read_text(path, has_header=False) if chunk.num_rows)

    assert table.to_pydict() == {"f0": ["1", "2"], "f1": ["a", "b"]}


def test_a_header_alone_is_a_batch_without_rows(tmp_path: Path) -> None:
    (piece,) = pieces(csv_of(tmp_path, "a,b\n"), 10)

    assert piece.rows == 0
    assert parquet.read_schema(piece.path).names == ["a", "b"]


@pytest.mark.parametrize("text", [b"", b"a,b\n1,2\n3\n", b"a\n\xff\xfe\n"])
def test_what_is_no_table_is_unreadable(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(UNREADABLE):
        pieces(csv_of(tmp_path, text), 10)

"""A table file is read as text, whatever its form, and says which line a row is on."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from relevo_datasets.table_files import TableFile, TableFileError
from relevo_datasets.table_forms import open_table


def rows(file: TableFile) -> list[list[str | None]]:
    table = pa.concat_tables(file.chunks())
    return [list(row.values()) for row in table.to_pylist()]


def written(
    tmp_path: Path, text: str, encoding: str = "utf-8", suffix: str = "csv"
) -> Path:
    path = tmp_path / f"t.{suffix}"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = 'a,b\n"x,y;z|w\tv",2\n3,4\n'.replace(",", delimiter)

    file = open_table(written(tmp_path, text))

    assert file.delimiter == delimiter
    assert file.names == ("a", "b")
    assert [row[1] for row in rows(file)] == ["2", "4"]
    assert file.is_plain is (delimiter == ",")


def test_semicolons_are_found_between_decimal_commas(tmp_path: Path) -> None:
    file = open_table(written(tmp_path, "a;b\n1,5;2,5\n3,5;4,5\n"))

    assert rows(file) == [["1,5", "2,5"], ["3,5", "4,5"]]


def test_values_stay_as_they_are_written(tmp_path: Path) -> None:
    file = open_table(written(tmp_path, 'a,b\n007,\n"?","None"\nNA,""\n'))

    assert rows(file) == [["007", ""], ["?", "None"], ["NA", ""]]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "cp1252")],
)
def test_text_is_utf_8_or_what_windows_writes(
    tmp_path: Path, encoding: str, found: str
) -> None:
    file = open_table(written(tmp_path, "größe,b\ncafé,2\n", encoding))

    assert (file.names, file.encoding) == (("größe", "b"), found)
    assert rows(file) == [["café", "2"]]


def test_without_a_header_columns_are_taken_by_position(tmp_path: Path) -> None:
    path = written(tmp_path, "1,x\n2,y\n")

    file = open_table(path, header=False)

    assert file.names == ("column_1", "column_2")
    named = file.named(("size", "word"))
    assert next(named.chunks()).to_pylist()[0] == {"size": "1", "word": "x"}
    with pytest.raises(TableFileError, match="has 2 columns, not 3: without a header"):
        file.named(("a", "b", "c"))


def test_a_first_line_with_numbers_is_told_unless_it_is_said_to_be_a_header(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "2023,word\n1,x\n")

    with pytest.raises(
        TableFileError, match=r"looks like data \(2023 …\): has the file no"
    ):
        open_table(path)
    assert open_table(path, header=True).names == ("2023", "word")


def test_the_line_on_which_a_row_begins_is_known(tmp_path: Path) -> None:
    path = written(tmp_path, 'a,b\n1,"x\ny"\n\n2,z\n3,w\n')

    assert open_table(path).lines([0, 1, 2]) == {0: 2, 1: 5, 2: 6}
    headless = written(tmp_path, "1,x\n2,y\n", suffix="txt")
    assert open_table(headless, header=False).lines([1]) == {1: 2}
    assert open_table(path).lines([]) == {}


def test_rows_of_other_lengths_are_told_by_line(tmp_path: Path) -> None:
    file = open_table(written(tmp_path, 'a,b\n1,2\n3\n4,"5\n6",7\n8,9\n'))

    with pytest.raises(TableFileError, match="line 3 has 1, line 4 has 3: is a value"):
        rows(file)


def test_a_large_file_comes_in_parts_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    pd.DataFrame({"n": range(200_000), "text": "x" * 20}).to_csv(path, index=False)

    parts = [chunk["n"].to_pylist() for chunk in open_table(path).chunks()]

    assert len(parts) > 1
    assert [int(n) for part in parts for n in part] == list(range(200_000))


def test_parquet_becomes_text_too(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame({"n": [1, 2], "f": [0.5, None], "b": [True, False]}).to_parquet(path)

    file = open_table(path)

    assert file.is_plain
    assert rows(file) == [["1", "0.5", "true"], ["2", None, "false"]]
    assert file.lines([0]) == {}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"\n\n", "is empty"),
        ("t.csv", b"PK\3\4\0\0", "is no text: save it as CSV, UTF-8"),
        ("t.csv", b"a,a\n1,2\n", "two columns are named 'a'"),
        ("t.parquet", b"a,b\n", "is no Parquet"),
    ],
)
def test_what_is_no_table_is_told(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(TableFileError, match=told):
        open_table(tmp_path / name)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TableFileError, match="no such file"):
        open_table(tmp_path / "t.csv")

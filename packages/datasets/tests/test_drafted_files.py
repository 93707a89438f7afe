"""A draft is made of a file in whichever form, and overwrites none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from relevo_datasets import TARGET
from relevo_datasets.drafting.files import Wish, name_of
from relevo_datasets.drafting.targets import NoTarget
from relevo_datasets.table_files import TableFileError

ROWS = 300
NUMBERS = [n * 37 % 101 for n in range(ROWS)]

Draft = Callable[..., Any]
Drafted = Callable[[Wish], Any]


def words(*among: str | None) -> list[str | None]:
    return [among[n * n % 7 % len(among)] for n in range(ROWS)]


@pytest.mark.parametrize(
    ("to_csv", "encoding", "told"),
    [
        ({"sep": ";", "decimal": ","}, "utf-8", "values are parted by ';'"),
        ({"sep": "\t"}, "utf-8", r"values are parted by '\t'"),
        ({"sep": "|"}, "utf-8-sig", "values are parted by '|'"),
        ({}, "latin-1", "it is not UTF-8, and was read as cp1252"),
    ],
)
def test_a_file_of_another_form_gets_a_plain_copy(
    draft: Draft, to_csv: dict[str, Any], encoding: str, told: str
) -> None:
    half = [n + 0.5 for n in NUMBERS]
    table = {"size": half, "word": words("é", "ü"), "y": words("a", "b")}

    result = draft(table, to_csv=to_csv | {"encoding": encoding})

    assert result.drafted.copied_because[0] == told
    assert result.drafted.copy == result.dataset.source.path
    assert result.features["size"]["kind"] == "number"
    assert result.features["word"]["categories"] == ["é", "ü"]
    assert result.cleaned.frame["size"].tolist() == half


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_plain_file_is_taken_where_it_lies(
    draft: Draft, tmp_path: Path, encoding: str
) -> None:
    rows = "".join(f'{n},"a, ""b""\n{n % 3}",{"uv"[n % 2]}\n' for n in range(ROWS))

    result = draft("first,text,y\n" + rows, encoding=encoding)

    assert result.drafted.copy is None
    assert result.facts["source"]["path"] == "mine.csv"
    assert result.dataset.rows.id == "first"


def test_a_file_in_order_of_its_classes_is_dealt_anew(draft: Draft) -> None:
    result = draft({"x": NUMBERS, "y": ["a"] * 100 + ["b"] * 100 + ["c"] * 100})

    assert "some batch would have no" in result.drafted.copied_because[0]
    size = result.dataset.source.batch_rows
    for start in range(0, ROWS, size):
        assert result.cleaned.frame[TARGET][start : start + size].nunique() == 3


def test_a_first_line_of_data_is_told_and_taken_when_said_so(draft: Draft) -> None:
    rows = "".join(f"{n % 7},{n}.5,{'uv'[n % 2]}\n" for n in range(ROWS))

    with pytest.raises(TableFileError, match="the first line looks like data") as caught:
        draft(rows)
    result = draft(rows, header=False)
    named = draft("2023,2024,y\n" + rows, header=True, file="b.csv", name="named")

    assert "--no-header says so" in str(caught.value)
    assert result.facts["columns"] == ["column_1", "column_2", "column_3"]
    assert result.facts["source"]["header"] is False
    assert list(named.features) == ["2023", "2024"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty"),
        ("a,b\n", "has no rows"),
        ("a,a\n1,2\n", "two columns are named 'a': rename one"),
        ("a,b\n1,2\n3\n4,5,6\n", "every row must have 2 values, but line 3 has 1, line 4"),
        ('a,b\n"x\ny",2\n3\n', "but line 4 has 1"),
        ("a\0b", "is no text: save it as CSV, UTF-8"),
    ],
)
def test_a_file_that_is_no_table_is_told(draft: Draft, content: str, told: str) -> None:
    with pytest.raises(TableFileError, match=told):
        draft(content)


def test_nothing_is_overwritten(draft: Draft, tmp_path: Path) -> None:
    draft({"x": NUMBERS, "y": words("a", "b")})
    before = (tmp_path / "mine.toml").read_text()

    with pytest.raises(FileExistsError, match=r"mine\.toml"):
        draft({"x": NUMBERS, "y": words("a", "c")})

    assert (tmp_path / "mine.toml").read_text() == before


def test_parquet_is_drafted_as_csv_is(drafted: Drafted, tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": NUMBERS, "w": words("a", None), "y": words("u", "v")})
    frame.to_parquet(tmp_path / "rows.parquet")

    result = drafted(Wish(tmp_path / "rows.parquet", tmp_path, "rows_of_mine"))

    assert result.cleaned.quarantined.empty
    assert result.facts["source"]["path"] == "rows.parquet"
    assert result.features["w"]["nullable"] is True


@pytest.mark.parametrize(
    ("file", "name"),
    [("mine.csv", "mine"), ("My Table (2).csv", "my_table_2"), ("2024.csv", "table_2024"),
     ("Ü.csv", "table"), ("x" * 60 + ".csv", "x" * 40)],
)  # fmt: skip
def test_a_name_is_made_of_the_file_s(file: str, name: str) -> None:
    assert name_of(Path(file)) == name


def test_the_shipped_tables_would_be_drafted_as_they_are_declared(
    drafted: Drafted, tmp_path: Path
) -> None:
    root = Path(__file__).parents[3] / "services" / "data-api" / "src" / "data_api" / "data"
    for name, target, rows in (("pima", "Outcome", 256), ("covertype", "Cover_Type", 2100)):
        path = root / name / "batch-0001.parquet"
        if not path.exists():
            pytest.skip(f"no {path}")
        result = drafted(Wish(path, tmp_path, name))

        assert result.cleaned.quarantined.empty
        assert result.drafted.rows == rows
        assert result.dataset.default_target.column == target


VALUES = st.one_of(
    st.integers(-(10**18), 10**18).map(str),
    st.integers(-3, 3).map(str),
    st.floats(allow_nan=False).map(repr),
    st.sampled_from(
        ["", "?", "NA", "None", "none", "nan", "inf", "0", "007", "1,5", "-999"]
    ),
    st.sampled_from(
        ["Yes", "no", "TRUE", "a", "A", " a ", "ü", '"', "x;y", "2024-01-02", "#"]
    ),
    st.text(max_size=6),
)
COLUMNS = st.lists(VALUES, min_size=1, max_size=5).flatmap(
    lambda words: st.lists(st.sampled_from(words), min_size=25, max_size=60)
) | st.lists(VALUES, min_size=25, max_size=60)


NAMES = st.text(max_size=5).filter(lambda name: name != "y")


@pytest.mark.slow
@settings(database=None, derandomize=True, deadline=None, max_examples=60)
@given(columns=st.dictionaries(NAMES, COLUMNS, min_size=1, max_size=5))
def test_whatever_a_table_holds_its_draft_reads_every_row(
    drafted: Drafted,
    tmp_path_factory: pytest.TempPathFactory,
    columns: dict[str, list[str]],
) -> None:
    folder = tmp_path_factory.mktemp("any")
    rows = min(map(len, columns.values()))
    table = pa.table({name: column[:rows] for name, column in columns.items()})
    outcome = pa.array((["u", "v"] * rows)[:rows])
    parquet.write_table(table.append_column("y", outcome), folder / "rows.parquet")
    try:
        result = drafted(Wish(folder / "rows.parquet", folder, "any"))
    except NoTarget:
        return  # no column can be learned from

    assert result.cleaned.quarantined.empty, result.text
    assert result.cleaned.unseen == {}

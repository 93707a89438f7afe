"""What is not a raw table of the dataset is refused, and the reason says why."""

from collections.abc import Callable
from io import BytesIO

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from relevo_contracts import PoisonError
from relevo_datasets import Dataset
from relevo_datasets.schema import check_raw, read_raw


@pytest.fixture
def raw(encounters: Callable[..., pd.DataFrame]) -> pa.Table:
    return pa.Table.from_pandas(encounters({}, {}, {}), preserve_index=False)


def refusal(table: pa.Table, dataset: Dataset, max_rows: int = 10) -> str:
    with pytest.raises(PoisonError) as caught:
        check_raw(table, dataset, max_rows=max_rows)
    return str(caught.value)


def test_a_raw_table_passes_whatever_the_order_of_its_columns(
    diabetes: Dataset, raw: pa.Table
) -> None:
    check_raw(raw, diabetes, max_rows=3)
    check_raw(raw.select(raw.column_names[::-1]), diabetes, max_rows=3)


def test_missing_and_unknown_columns_are_named(diabetes: Dataset, raw: pa.Table) -> None:
    table = raw.drop_columns(["age", "race"]).append_column("Age", pa.array(["1"] * 3))

    assert refusal(table, diabetes) == (
        "not a table of diabetes130: missing columns 'race', 'age'; unknown column 'Age',"
        " perhaps 'Age' for 'age'"
    )


def test_a_table_of_something_else_gets_a_short_answer(diabetes: Dataset) -> None:
    told = refusal(pa.table({"x": [1]}), diabetes)

    assert "and 40 more" in told
    assert "unknown column 'x'" in told


def test_a_column_that_is_there_twice_is_refused(diabetes: Dataset, raw: pa.Table) -> None:
    assert "repeated column 'race'" in refusal(
        raw.append_column("race", raw["race"]), diabetes
    )


def test_a_column_of_lists_is_refused(diabetes: Dataset, raw: pa.Table) -> None:
    nested = pa.array([["a"], [], ["b"]])
    place = raw.column_names.index("race")

    assert "nested column 'race'" in refusal(
        raw.set_column(place, "race", nested), diabetes
    )


def test_an_empty_table_and_a_huge_one_are_refused(
    diabetes: Dataset, raw: pa.Table
) -> None:
    assert refusal(raw.slice(0, 0), diabetes) == "the table has no rows"
    huge = pa.concat_tables([raw] * 500)
    assert refusal(huge, diabetes, max_rows=1_000) == "1,500 rows, at most 1,000"


def test_text_that_is_not_utf_8_is_refused(diabetes: Dataset, raw: pa.Table) -> None:
    broken = pa.array([b"ok", b"\xff\xfe", b"ok"]).view(pa.string())
    place = raw.column_names.index("race")

    assert "damaged" in refusal(raw.set_column(place, "race", broken), diabetes)


def test_parquet_is_read_and_checked_in_one_go(diabetes: Dataset, raw: pa.Table) -> None:
    file = BytesIO()
    parquet.write_table(raw, file)
    content = file.getvalue()

    assert read_raw(content, diabetes, max_rows=3).equals(raw)
    for wrong, reason in [
        (content[:-20], "not a table in Parquet"),
        (b"", "not a table in Parquet"),
        (b"encounter_id,race\n1,Asian\n", "not a table in Parquet"),
    ]:
        with pytest.raises(PoisonError, match=reason):
            read_raw(wrong, diabetes, max_rows=3)
    with pytest.raises(PoisonError, match="3 rows, at most 2"):
        read_raw(content, diabetes, max_rows=2)

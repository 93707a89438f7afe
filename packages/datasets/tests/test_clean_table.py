"""The clean table travels as Parquet and comes back as it was."""

from collections.abc import Callable
from io import BytesIO

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from relevo_contracts import PoisonError
from relevo_datasets import SPLIT, TARGET, Dataset, clean
from relevo_datasets.clean_table import CleanTable


@pytest.fixture
def table(diabetes: Dataset, encounters: Callable[..., pd.DataFrame]) -> CleanTable:
    frame = clean(diabetes, encounters({"race": "?"}, {}), "any").frame
    return CleanTable(frame.assign(**{SPLIT: ["train", "test"]}), diabetes, "any")


def test_the_table_comes_back_with_its_types_its_dataset_and_its_target(
    table: CleanTable,
) -> None:
    back = CleanTable.from_parquet(table.to_parquet())

    assert (back.dataset.name, back.target) == ("diabetes130", "any")
    assert list(back.frame)[:3] == ["row_id", "group", "split"]
    pd.testing.assert_frame_equal(back.frame[list(table.frame)], table.frame)


def test_the_same_rows_are_the_same_bytes(table: CleanTable) -> None:
    again = CleanTable(table.frame.copy(), table.dataset, table.target)

    assert table.to_parquet() == again.to_parquet()
    assert b"pandas" not in table.to_parquet()


def test_the_table_is_compressed_by_zstd(table: CleanTable) -> None:
    metadata = parquet.read_metadata(BytesIO(table.to_parquet()))

    assert metadata.row_group(0).column(0).compression == "ZSTD"


def test_what_is_not_a_clean_table_is_poison(table: CleanTable) -> None:
    other = BytesIO()
    parquet.write_table(pa.table({"x": [1]}), other)
    cut = parquet.read_table(BytesIO(table.to_parquet())).drop_columns(["race"])
    narrower = BytesIO()
    parquet.write_table(cut, narrower)

    for content in (b"no parquet", other.getvalue(), narrower.getvalue()):
        with pytest.raises(PoisonError, match="not a clean table"):
            CleanTable.from_parquet(content)


def test_a_regression_s_target_travels_as_a_number(
    declared: Callable[..., Dataset], csv_table: Callable[..., pd.DataFrame]
) -> None:
    small = declared()
    raw = csv_table("key,size,colour,price", "1,2.5,red,9.75")
    frame = clean(small, raw, "price").frame.assign(**{SPLIT: "train"})

    file = BytesIO(CleanTable(frame, small, "price").to_parquet())

    assert parquet.read_schema(file).field(TARGET).type == pa.float64()
    assert parquet.read_table(file)[TARGET].to_pylist() == [9.75]

"""Tables go out in parts, and each row gets its own answer back."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from relevo_client.questions import of_file, of_row
from relevo_client.tables import ROWS, beside, frame_of, of_frame, read_stream, streams


def answers_to(stream: bytes) -> pa.Table:
    """As a pod answers: a line per row, with the row's own value as prediction."""
    table = read_stream(stream)
    answers = {"row": range(table.num_rows), "prediction": table.column("age")}
    if "id" in table.column_names:
        answers["id"] = table.column("id").cast(pa.string())
    return pa.table(answers)


@pytest.mark.parametrize("rows", [0, 1, ROWS, 2 * ROWS + 1])
def test_a_long_table_goes_out_in_parts(rows: int) -> None:
    table = pa.table({"age": range(rows)})

    sent = [*streams(table, None)]
    told = beside(table, [*map(answers_to, sent)], None)

    assert len(sent) == max(1, -(-rows // ROWS))
    assert told.column("prediction").to_pylist() == list(range(rows))


def test_answers_find_their_rows_by_the_column_that_names_them() -> None:
    table = pa.table({"age": [50, 60, 70], "visit": [3, 1, 2]})
    [stream] = streams(table, "visit")
    shuffled = answers_to(stream).take([2, 0, 1])

    told = beside(table, [shuffled], "visit")

    assert told.column_names == ["age", "visit", "prediction"]
    assert told.column("prediction").to_pylist() == [50, 60, 70]


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"age": [1]}, "has no column 'visit'"),
        ({"visit": [1, 1]}, "must name each row, and each once"),
        ({"visit": [1, None]}, "must name each row, and each once"),
        ({"visit": [1], "id": [2]}, "has a column 'id' beside 'visit'"),
    ],
)
def test_a_column_that_does_not_name_the_rows_is_refused(
    columns: dict[str, list[int]], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        next(streams(pa.table(columns), "visit"))


def test_a_frame_keeps_its_index_even_one_of_equals() -> None:
    frame = pd.DataFrame({"age": [50, 60]}, index=["a", "a"])
    [stream] = streams(of_frame(frame), None)

    told = frame_of(beside(of_frame(frame), [answers_to(stream)], None), like=frame)

    assert told.index.tolist() == ["a", "a"]
    assert told["prediction"].tolist() == [50, 60]
    assert "prediction" not in frame


def test_a_row_of_a_frame_is_a_row() -> None:
    row = {"age": np.int64(3), "bmi": np.float64(2.5), "sick": np.bool_(True)}

    assert of_row(row, None).content == b'{"age":3,"bmi":2.5,"sick":true}'
    with pytest.raises(TypeError, match="is no value of JSON"):
        of_row({"age": object()}, None)


def test_a_file_of_another_kind_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match=r"rows\.xlsx must end in one of \.csv, \.json"):
        of_file("rows.xlsx", None, strict=False)

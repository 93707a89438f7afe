"""A value means the same wherever it enters: at every door, in the cleaner, in MLflow."""

import csv
import io
import json
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from inference.door.batches import Batch, predict
from inference.duty.predicting import Prediction, Predictions
from inference.tables.bodies import Limits
from inference.tables.formats import Format
from relevo_datasets import COLUMN, REASON, ROW_ID, clean
from relevo_features import REQUIRED
from tests.meaning.learned import Learned
from tests.meaning.spelling import Row, as_text, group_of_rows, raw_table

pytestmark = pytest.mark.slow

DATASETS = ["diabetes130", "pima", "covertype"]
ModelOf = Callable[[str], Learned]

Verdict = tuple[Any, ...]
"""Of a row: ("answered", its numbers, unseen) or ("refused", field, message)."""


def alone(model: Learned, row: Row) -> Verdict:
    answer = model.serving.predict(row)
    if isinstance(answer, Prediction):
        return ("answered", tuple(answer.numbers), answer.unseen, answer.id)
    return ("refused", answer[0].field, answer[0].message)


def by_row(answers: Predictions, rows: int) -> list[Verdict]:
    verdicts: list[Verdict] = [()] * rows
    for at, row in enumerate(answers.rows.tolist()):
        unseen = tuple(name for name, marks in answers.unseen.items() if marks[at])
        assert answers.ids is not None
        verdicts[row] = (
            "answered",
            tuple(answers.answers[at].tolist()),
            unseen,
            answers.ids[row],
        )
    for error in reversed(answers.errors):
        verdicts[error.row] = ("refused", error.field, error.message)
    return verdicts


def as_json_rows(rows: list[Row]) -> Batch:
    return batch(json.dumps(rows).encode(), Format.JSON)


def as_json_columns(rows: list[Row]) -> Batch:
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return batch(json.dumps(columns).encode(), Format.JSON)


def as_csv(rows: list[Row]) -> Batch:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0])
    writer.writerows([as_text(value) for value in row.values()] for row in rows)
    return batch(text.getvalue().encode(), Format.CSV)


def as_lines(rows: list[Row]) -> Batch:
    return batch("\n".join(map(json.dumps, rows)).encode(), Format.LINES)


def as_arrow(rows: list[Row]) -> Batch:
    sink = io.BytesIO()
    table = as_table(rows)
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return batch(sink.getvalue(), Format.ARROW)


def as_parquet(rows: list[Row]) -> Batch:
    sink = io.BytesIO()
    parquet.write_table(as_table(rows), sink)
    return batch(sink.getvalue(), Format.PARQUET)


def as_table(rows: list[Row]) -> pa.Table:
    columns = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        kinds = {type(each) for each in values if each is not None and each == each}
        # a column of Arrow has one type: what is mixed is a column of text
        columns[name] = values if len(kinds) == 1 else [*map(as_text, values)]
    return pa.table({name: pa.array(v, from_pandas=True) for name, v in columns.items()})


def batch(body: bytes, form: Format) -> Batch:
    return Batch(body, form=form, wanted=Format.JSON, strict=False)


LIMITS = Limits(body_bytes=2**23, body_seconds=1, rows=1_000)
DOORS: Mapping[str, Callable[[list[Row]], Batch]] = {
    "JSON rows": as_json_rows,
    "JSON columns": as_json_columns,
    "NDJSON": as_lines,
    "CSV": as_csv,
    "Arrow": as_arrow,
    "Parquet": as_parquet,
}


def assert_alike(found: Verdict, expected: Verdict, row: Row) -> None:
    assert found[0] == expected[0], (found, expected, row)
    if expected[0] == "refused":
        assert found[1:3] == expected[1:3], row
        return
    assert found[1] == pytest.approx(expected[1], abs=1e-9), row
    assert found[2:] == expected[2:], row


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", DATASETS)
def test_every_door_answers_alike(model_of: ModelOf, name: str, seed: int) -> None:
    model = model_of(name)
    rows = group_of_rows(model.dataset, model.raw, random.Random(seed))  # noqa: S311
    expected = [alone(model, row) for row in rows]
    assert {verdict[0] for verdict in expected} == {"answered", "refused"}

    for door, written in DOORS.items():
        answers, told = predict(model.serving, written(rows), limits=LIMITS)
        assert told == len(rows)
        for row, verdict, other in zip(
            rows, expected, by_row(answers, len(rows)), strict=True
        ):
            assert_alike(other, verdict, {"door": door, **row})


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", DATASETS)
def test_what_is_read_on_the_fast_path_is_answered_alike(
    model_of: ModelOf, name: str, seed: int
) -> None:
    model = model_of(name)
    rows = group_of_rows(model.dataset, model.raw, random.Random(seed))  # noqa: S311
    clean_names = {f.raw_name: f.name for f in model.dataset.features}
    fast = 0
    for row in rows:
        plain = {
            clean_names.get(name, name): value
            for name, value in row.items()
            if name not in {"id", *model.dataset.ignored}
        }
        answer = model.serving.predict_plain(json.dumps(plain).encode())
        if answer is not None:
            fast += 1
            told = ("answered", tuple(answer.numbers), answer.unseen, None)
            assert_alike(told, alone(model, plain), plain)
    assert name == "diabetes130" or fast == 0  # the others' raw numbers are texts


@pytest.mark.parametrize("name", DATASETS)
def test_golden_rows_take_the_fast_path(model_of: ModelOf, name: str) -> None:
    model = model_of(name)

    for golden in model.serving.manifest.golden:
        answer = model.serving.predict_plain(json.dumps(golden.row).encode())
        assert answer is not None
        assert tuple(answer.numbers) == pytest.approx(golden.answer, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", DATASETS)
def test_the_cleaner_reads_a_row_as_a_door_does(
    model_of: ModelOf, name: str, seed: int
) -> None:
    model = model_of(name)
    dataset = model.dataset
    rows = group_of_rows(dataset, model.raw, random.Random(seed))  # noqa: S311
    raw = raw_table(rows, dataset, model.raw)

    cleaned = clean(dataset, raw, dataset.default_target.name)

    reasons = {
        int(place): (column, reason)
        for place, column, reason in cleaned.quarantined[[COLUMN, REASON]].itertuples()
    }
    frame = cleaned.frame
    by_id = (
        {str(key): at for at, key in enumerate(frame[ROW_ID])} if dataset.rows.id else {}
    )
    names = {feature.name: feature.raw_name for feature in dataset.features}
    outside = {rule.reason for rule in dataset.outside}
    kept = iter(range(len(frame)))
    for place, row in enumerate(rows):
        verdict = alone(model, row)
        if verdict[0] == "refused" and verdict[2] in outside:
            assert place not in reasons
            assert str(place) not in by_id
        elif verdict[0] == "refused":
            column, reason = reasons[place]
            assert column == names[verdict[1]]
            base = verdict[2].partition("; did you mean")[0]
            assert reason.startswith("has no value" if base == REQUIRED else base), row
        else:
            assert place not in reasons, (reasons[place], row)
            at = by_id[str(place)] if by_id else next(kept)
            values = {
                feature.name: frame[feature.name].iloc[[at]].astype(object).tolist()
                for feature in dataset.features
            }
            columns = {
                name: [None if pd.isna(each) else each for each in value]
                for name, value in values.items()
            }
            answers = model.serving.predict_columns(columns, rows=1).answers
            assert answers[0] == pytest.approx(np.array(verdict[1]), abs=1e-9), row


@pytest.mark.parametrize("name", DATASETS)
def test_the_registered_model_answers_as_a_pod_does(model_of: ModelOf, name: str) -> None:
    model = model_of(name)
    rows = group_of_rows(model.dataset, model.raw, random.Random(9))  # noqa: S311
    for row in rows:
        verdict = alone(model, row)
        frame = pd.DataFrame([row]).astype(object)
        if verdict[0] == "answered":
            answers = np.asarray(model.registered.predict(frame))[0]
            # a binary pipeline tells of both classes
            own = answers if len(verdict[1]) > 1 else answers[-1:]
            assert own == pytest.approx(np.array(verdict[1]), abs=1e-9), row
            continue
        message = verdict[2].partition("; did you mean")[0]
        with pytest.raises(Exception, match=re.escape(message)):
            model.registered.predict(frame)

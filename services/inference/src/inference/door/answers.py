"""What the model answers, as JSON, CSV or Arrow."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from pydantic import JsonValue
from pydantic_core import to_json
from starlette.responses import Response
from uuid_utils import uuid7

from inference import metrics
from inference.duty.answering import Columns, said
from inference.duty.predicting import Prediction, Predictions, ServingModel
from inference.tables.arrow_tables import write_arrow
from inference.tables.csv_tables import write_csv
from inference.tables.formats import Format
from inference.tables.problems import in_words
from relevo_features import text_of

encode = msgspec.json.Encoder().encode

TYPES = {"row": "int64", "prediction_id": "string"}
MORE_TYPES = {"unseen": "string", "id": "string", "error": "string"}
"""Arrow's types of the columns that are the same for every task."""


def answer_row(model: ServingModel, answer: Prediction) -> Response:
    """An Answer as JSON, and a header that names fields with a value nobody knows."""
    measure(model, np.array([answer.numbers]), dict.fromkeys(answer.unseen, 1))
    facts = {
        **said(model.form, answer.numbers),
        **_by(model),
        "prediction_id": str(uuid7()),
        "unseen": answer.unseen,
        **({} if answer.id is None else {"id": answer.id}),
    }
    headers = _unseen(answer.unseen)
    return Response(to_json(facts), media_type=Format.JSON, headers=headers)


def write_batch(
    model: ServingModel, answers: Predictions, *, rows: int, form: Format
) -> Response:
    """The answers in that form; `rows`: as many as were sent.

    JSON is a BatchAnswer. CSV and Arrow are a table with a line per row that was sent;
    what is wrong with it is in the column `error`, the model's name and version are in
    headers.
    """
    facts = _by(model)
    columns = columns_of(model, answers)
    if form is Format.JSON:
        content = encode(
            {
                "predictions": lines(columns),
                "errors": [_wrong(error) for error in answers.errors],
                "errors_total": answers.errors_total,
                **facts,
            }
        )
        return Response(content, media_type=form, headers=_unseen(answers.unseen))
    table = _with_errors(flat(columns, model.form.nested), answers, rows=rows)
    headers = headers_of(model, answers)
    if form is Format.CSV:
        return Response(write_csv(table), media_type=form, headers=headers)
    return Response(write_arrow(table, types_of(model)), media_type=form, headers=headers)


def headers_of(model: ServingModel, answers: Predictions) -> dict[str, str]:
    """What stands in the headers of an answer that has no place for it."""
    facts = _by(model)
    told = {f"x-relevo-{name.replace('_', '-')}": facts[name] for name in facts}
    return _unseen(answers.unseen) | told


def types_of(model: ServingModel) -> dict[str, str]:
    """Arrow's types of the columns of a table of answers."""
    return {**TYPES, **model.form.types, **MORE_TYPES}


def columns_of(model: ServingModel, answers: Predictions) -> Columns:
    """The answers to the rows that fit; see forms.RowAnswer."""
    columns = {"row": answers.rows.tolist(), **model.form.many(answers.answers)}
    columns["prediction_id"] = [str(uuid7()) for _ in answers.rows]
    columns["unseen"] = _unseen_by_row(answers)
    if answers.ids is not None:
        columns["id"] = [answers.ids[row] for row in answers.rows]
    return columns


def _unseen_by_row(answers: Predictions) -> list[Sequence[str]]:
    unseen: list[Sequence[str]] = [()] * len(answers.rows)
    for name, marks in answers.unseen.items():
        for row in np.flatnonzero(marks).tolist():
            unseen[row] = (*unseen[row], name)
    return unseen


def lines(columns: Columns) -> list[msgspec.Struct]:
    """The answers as objects, one for each row."""
    return list(map(_line(*columns), *columns.values()))


@lru_cache(maxsize=64)
def _line(*names: str) -> type[msgspec.Struct]:
    """The answer to one row of many, with these fields."""
    return msgspec.defstruct("Line", [(name, Any) for name in names], gc=False)


def _wrong(error: Any) -> dict[str, JsonValue]:
    facts = msgspec.to_builtins(error)
    return {name: facts[name] for name in facts if name != "id" or facts[name] is not None}


def flat(columns: Columns, nested: Mapping[str, Mapping[str, str]]) -> Columns:
    """The columns of a table: the parts of what is nested one by one, the rest as text."""
    flat: Columns = {}
    for name, values in columns.items():
        if name in nested:
            for column, part in nested[name].items():
                flat[column] = [value[part] for value in values]
        elif name == "unseen":
            flat[name] = [", ".join(each) or None for each in values]
        elif name == "id":
            flat[name] = [*map(shown_id, values)]
        else:
            flat[name] = values
    return flat


def _with_errors(columns: Columns, answers: Predictions, *, rows: int) -> Columns:
    """All rows that were sent: either answered, or with what is wrong in `error`."""
    if len(answers.rows) == rows:
        return {**columns, "error": [None] * rows}
    wrong: dict[int, str] = dict.fromkeys(
        set(range(rows)).difference(columns["row"]), "does not fit, as others before it"
    )
    told: dict[int, list[str]] = {}
    for error in answers.errors:
        told.setdefault(error.row, []).append(in_words(error))
    wrong |= {row: "; ".join(texts) for row, texts in told.items()}
    table: Columns = {name: [None] * rows for name in columns}
    for name, values in columns.items():
        for row, value in zip(columns["row"], values, strict=True):
            table[name][row] = value
    if answers.ids is not None:
        table["id"] = [*map(shown_id, answers.ids)]
    return {**table, "row": list(range(rows)), "error": [*map(wrong.get, range(rows))]}


def shown_id(name: JsonValue) -> str | None:
    """A row's id as text; None for what is none."""
    return None if name is None or isinstance(name, list | dict) else text_of(name)


def measure(
    model: ServingModel, answers: np.ndarray[Any, Any], unseen: Mapping[str, int]
) -> None:
    """Count the answers by prediction, and the values of a category that nobody knows."""
    counts = np.bincount(model.form.places(answers), minlength=len(model.form.counted))
    for prediction, count in zip(model.form.counted, counts.tolist(), strict=True):
        if count:
            metrics.PREDICTIONS.labels(model.name, model.version, prediction).inc(count)
    for feature, count in unseen.items():
        metrics.UNSEEN.labels(model.name, feature).inc(count)


def _unseen(names: Iterable[str]) -> dict[str, str]:
    return {"x-relevo-unseen": text} if (text := ", ".join(names)) else {}


def _by(model: ServingModel) -> dict[str, str]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {
        "model_name": model.name,
        "model_version": model.version,
        "timestamp": now.replace("+00:00", "Z"),
    }

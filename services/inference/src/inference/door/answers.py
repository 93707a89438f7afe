"""What the model answers, as JSON, CSV or Arrow."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from pydantic_core import to_json
from starlette.responses import Response
from uuid_utils import uuid7

from inference import metrics
from inference.duty.predicting import Prediction, Predictions, ServingModel
from inference.tables.arrow_tables import write_arrow
from inference.tables.csv_tables import write_csv
from inference.tables.formats import Format
from inference.tables.problems import in_words
from relevo_bundles.tables import MAX_ERRORS

encode = msgspec.json.Encoder().encode


class Line(msgspec.Struct):
    """The answer to one row of many; see forms.RowAnswer."""

    row: int
    prediction: int
    probability: float
    label: str
    prediction_id: str


def answer_row(model: ServingModel, answer: Prediction) -> Response:
    """An Answer as JSON, and a header that names fields with a value nobody knows."""
    measure(model, answer.prediction, 1, dict.fromkeys(answer.unseen, 1))
    facts = {
        "prediction": answer.prediction,
        "probability": answer.probability,
        "label": answer.label,
        **_by(model),
        "prediction_id": str(uuid7()),
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
    headers = _unseen(answers.unseen)
    facts = _by(model)
    columns = _columns(model, answers)
    if form is Format.JSON:
        content = encode(
            {
                "predictions": list(map(Line, *columns.values())),
                "errors": answers.errors[:MAX_ERRORS],
                "errors_total": answers.errors_total,
                **facts,
            }
        )
        return Response(content, media_type=form, headers=headers)
    table = _with_errors(columns, answers, rows=rows)
    write = write_csv if form is Format.CSV else write_arrow
    headers |= {f"x-relevo-{name.replace('_', '-')}": facts[name] for name in facts}
    return Response(write(table), media_type=form, headers=headers)


def _columns(model: ServingModel, answers: Predictions) -> dict[str, list[Any]]:
    """The answers to the rows that fit, in the order of a Line's fields."""
    labels = model.manifest.labels
    predictions = answers.predictions.astype(int).tolist()
    return {
        "row": answers.rows.tolist(),
        "prediction": predictions,
        "probability": answers.probabilities.tolist(),
        "label": [labels[prediction] for prediction in predictions],
        "prediction_id": [str(uuid7()) for _ in predictions],
    }


def _with_errors(
    columns: Mapping[str, list[Any]], answers: Predictions, *, rows: int
) -> dict[str, list[Any]]:
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
    table = {name: [None] * rows for name in columns}
    for name, values in columns.items():
        for row, value in zip(columns["row"], values, strict=True):
            table[name][row] = value
    return {**table, "row": list(range(rows)), "error": [*map(wrong.get, range(rows))]}


def measure(model: ServingModel, ones: int, rows: int, unseen: Mapping[str, int]) -> None:
    """Count the answers by class, and the values of a category that nobody knows."""
    for prediction, count in (("0", rows - ones), ("1", ones)):
        if count:
            metrics.PREDICTIONS.labels(model.name, model.version, prediction).inc(count)
    for feature, count in unseen.items():
        metrics.UNSEEN.labels(feature).inc(count)


def _unseen(names: Iterable[str]) -> dict[str, str]:
    return {"x-relevo-unseen": text} if (text := ", ".join(names)) else {}


def _by(model: ServingModel) -> dict[str, str]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {
        "model_name": model.name,
        "model_version": model.version,
        "timestamp": now.replace("+00:00", "Z"),
    }

"""What the model answers, as JSON."""

from collections.abc import Collection
from datetime import UTC, datetime

from pydantic_core import to_json
from starlette.responses import Response
from uuid_utils import uuid7

from inference import metrics
from inference.bodies import as_rows, parse
from inference.forms import MAX_ERRORS
from inference.predicting import Prediction, ServingModel


def answer_row(model: ServingModel, answer: Prediction) -> Response:
    """An Answer as JSON, and a header that names fields with a value nobody knows."""
    measure(model, [answer])
    facts = {
        "prediction": answer.prediction,
        "probability": answer.probability,
        "label": answer.label,
        **_by(model),
        "prediction_id": str(uuid7()),
    }
    headers = {"x-relevo-unseen": ", ".join(answer.unseen)} if answer.unseen else None
    return Response(to_json(facts), media_type="application/json", headers=headers)


def answer_batch(model: ServingModel, body: bytes, max_rows: int) -> bytes:
    """A BatchAnswer as JSON; for a thread, as 15,000 rows take tens of milliseconds.

    Raises Problem when the body is no batch of rows.
    """
    answers, errors = model.predict_many(as_rows(parse(body), max_rows=max_rows))
    measure(model, answers.values())
    metrics.REFUSED_ROWS.inc(len({error.row for error in errors}))
    predictions = [
        {
            "row": row,
            "prediction": answer.prediction,
            "probability": answer.probability,
            "label": answer.label,
            "prediction_id": str(uuid7()),
        }
        for row, answer in answers.items()
    ]
    return to_json(
        {
            "predictions": predictions,
            "errors": errors[:MAX_ERRORS],
            "errors_total": len(errors),
            **_by(model),
        }
    )


def measure(model: ServingModel, answers: Collection[Prediction]) -> None:
    """Count the answers by class, and the values of a category that nobody knows."""
    ones = sum(answer.prediction for answer in answers)
    for prediction, rows in (("0", len(answers) - ones), ("1", ones)):
        if rows:
            metrics.PREDICTIONS.labels(model.name, model.version, prediction).inc(rows)
    for feature in (name for answer in answers for name in answer.unseen):
        metrics.UNSEEN.labels(feature).inc()


def _by(model: ServingModel) -> dict[str, str]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {
        "model_name": model.name,
        "model_version": model.version,
        "timestamp": now.replace("+00:00", "Z"),
    }

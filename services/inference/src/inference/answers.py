"""What the model answers, as JSON."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic_core import to_json
from starlette.responses import Response
from uuid_utils import uuid7

from inference import metrics
from inference.bodies import as_rows, parse
from inference.predicting import Prediction, ServingModel


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
    headers = {"x-relevo-unseen": ", ".join(answer.unseen)} if answer.unseen else None
    return Response(to_json(facts), media_type="application/json", headers=headers)


def answer_batch(model: ServingModel, body: bytes, max_rows: int) -> bytes:
    """A BatchAnswer as JSON; for a thread, as 15,000 rows take tens of milliseconds.

    Raises Problem when the body is no batch of rows.
    """
    rows = as_rows(parse(body), max_rows=max_rows)
    answers = model.predict_rows(rows)
    measure(model, int(answers.predictions.sum()), len(answers.rows), answers.unseen)
    metrics.REFUSED_ROWS.inc(len(rows) - len(answers.rows))
    labels = model.manifest.labels
    predictions = [
        {
            "row": row,
            "prediction": prediction,
            "probability": probability,
            "label": labels[prediction],
            "prediction_id": str(uuid7()),
        }
        for row, prediction, probability in zip(
            answers.rows.tolist(),
            answers.predictions.astype(int).tolist(),
            answers.probabilities.tolist(),
            strict=True,
        )
    ]
    return to_json(
        {
            "predictions": predictions,
            "errors": answers.errors,
            "errors_total": answers.errors_total,
            **_by(model),
        }
    )


def measure(model: ServingModel, ones: int, rows: int, unseen: Mapping[str, int]) -> None:
    """Count the answers by class, and the values of a category that nobody knows."""
    for prediction, count in (("0", rows - ones), ("1", ones)):
        if count:
            metrics.PREDICTIONS.labels(model.name, model.version, prediction).inc(count)
    for feature, count in unseen.items():
        metrics.UNSEEN.labels(feature).inc(count)


def _by(model: ServingModel) -> dict[str, str]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {
        "model_name": model.name,
        "model_version": model.version,
        "timestamp": now.replace("+00:00", "Z"),
    }

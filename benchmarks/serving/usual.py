"""The usual server: FastAPI, a pydantic model, a DataFrame of one row, scikit-learn.

`python -m benchmarks.serving.usual FOLDER PORT`
"""

import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mlflow.sklearn
import pandas as pd
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, Field, create_model

from benchmarks.learning import DATASET
from benchmarks.serving.model import FOLDER
from relevo_contracts import Feature

TYPES: dict[str, type] = {
    "integer": int,
    "number": float,
    "boolean": bool,
    "identifier": int,
}


class Answer(BaseModel):
    """As a pod answers, but for the model's name and version."""

    prediction: int
    probability: float
    prediction_id: str
    timestamp: datetime


def build_app(folder: Path) -> FastAPI:
    """Answers POST /predict with the pipeline in a folder of MLflow's."""
    pipeline = mlflow.sklearn.load_model(str(folder / FOLDER))
    identifiers = [f.name for f in DATASET.features if f.kind == "identifier"]
    fields: dict[str, Any] = {f.name: _field(f) for f in DATASET.features}
    row_type: type[BaseModel] = create_model("Row", **fields)
    app = FastAPI()

    @app.post("/predict")
    def predict(row: row_type) -> Answer:
        frame = pd.DataFrame([row.model_dump()])
        frame[identifiers] = frame[identifiers].astype("str")
        probability = float(pipeline.predict_proba(frame)[0, 1])
        return Answer(
            prediction=int(probability >= 0.2),
            probability=probability,
            prediction_id=str(uuid.uuid4()),
            timestamp=datetime.now(UTC),
        )

    return app


def _field(feature: Feature) -> tuple[Any, Any]:
    kind: Any = TYPES.get(feature.kind, str)
    default = ... if feature.required else feature.default
    limits = Field(default, ge=feature.minimum, le=feature.maximum)
    return (kind | None if feature.nullable else kind), limits


if __name__ == "__main__":
    uvicorn.run(
        build_app(Path(sys.argv[1])),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        log_level="error",
        access_log=False,
    )

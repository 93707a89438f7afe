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
from sklearn.pipeline import Pipeline

from benchmarks.learning import DATASET
from benchmarks.serving.model import FOLDER
from relevo_contracts import Feature
from relevo_datasets.derived import derive
from relevo_features import kind_of

TYPES = {"integer": int, "number": float, "boolean": bool, "string": str}
"""Python's, by JSON's."""


class Answer(BaseModel):
    """As a pod answers, but for the model's name and version."""

    prediction: int
    probability: float
    prediction_id: str
    timestamp: datetime


def build_app(folder: Path) -> FastAPI:
    """Answers POST /predict with the pipeline in a folder of MLflow's.

    pydantic has read the row already, so the pipeline's own reading of it is left out.
    """
    _, *rest = mlflow.sklearn.load_model(str(folder / FOLDER)).steps
    pipeline, meaning = Pipeline(rest), DATASET.meaning
    fields: dict[str, Any] = {f.name: _field(f) for f in DATASET.features}
    row_type: type[BaseModel] = create_model("Row", **fields)
    app = FastAPI()

    @app.post("/predict")
    def predict(row: row_type) -> Answer:
        frame = pd.DataFrame([row.model_dump()])
        probability = float(pipeline.predict_proba(derive(frame, meaning))[0, 1])
        return Answer(
            prediction=int(probability >= 0.2),
            probability=probability,
            prediction_id=str(uuid.uuid4()),
            timestamp=datetime.now(UTC),
        )

    return app


def _field(feature: Feature) -> tuple[Any, Any]:
    kind: Any = TYPES[kind_of(feature).json_type]
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

"""Small models of the shipped datasets: learned, registered in a folder, put on duty."""

import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from pyarrow import parquet

from data_api.sources import SHIPPED
from inference.duty.predicting import ServingModel
from relevo_bundles import Bundle
from relevo_datasets import SPLIT, Dataset, clean, dataset_named
from relevo_datasets.clean_table import CleanTable
from relevo_datasets.dataset import GROUP
from relevo_datasets.splitting import SplitRatios, splits_of
from trainer.judging.champion import OnDuty
from trainer.learning.assignment import Assignment, Table
from trainer.learning.candidates import candidates_for
from trainer.learning.learning_set import assemble
from trainer.learning.stages import Stages
from trainer.learning.training import train

if TYPE_CHECKING:
    from mlflow.pyfunc import PyFuncModel

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ROWS = 2_000
RATIOS = SplitRatios(70, 15, 15)


@dataclass(frozen=True)
class Learned:
    """A dataset's model, as a pod serves it and as MLflow loads it.

    raw: rows of the source as text.
    """

    dataset: Dataset
    raw: pd.DataFrame
    serving: ServingModel
    registered: "PyFuncModel"


def raw_rows(name: str) -> pd.DataFrame:
    """The first rows that ship."""
    first = sorted((SHIPPED / name).glob("*.parquet"))[0]
    raw: pd.DataFrame = parquet.read_table(first).to_pandas().head(ROWS)
    return raw


@lru_cache
def learned(name: str, folder: Path) -> Learned:
    """Learn from the rows by the linear candidate, and register the model in the folder."""
    dataset = dataset_named(name)
    target = dataset.default_target
    raw = raw_rows(name)
    frame = clean(dataset, raw, target.name).frame
    splits = splits_of(frame[GROUP], RATIOS, salt="relevo")
    table = CleanTable(frame.assign(**{SPLIT: splits}), dataset, target.name)
    content = table.to_parquet()
    batch = Table(f"{name}-0001", "key", "0" * 64, content)
    assignment = Assignment(
        dataset=name,
        batch_id=batch.batch_id,
        tables=(batch,),
        released_at=NOW,
        cleaned_at=NOW,
        code_version="0",
    )
    linear = [
        each
        for each in candidates_for(dataset, target.task)
        if each.algorithm == "logistic_regression"
    ]
    trained = train(
        assignment,
        assemble(assignment.tables),
        OnDuty(None),
        run_id="0" * 32,
        stages=Stages(lambda _: None),
        candidates=linear,
    )
    place = folder / name
    place.mkdir()
    with warnings.catch_warnings():
        # at its import MLflow tells of its own type hints
        warnings.simplefilter("ignore")
        import mlflow.pyfunc
        from mlflow.models import Model

        from trainer.recording.model_folder import fill_folder

        registered = Model(artifact_path="model", run_id="0" * 32)
        fill_folder(place, registered, assignment, trained)
        loaded = mlflow.pyfunc.load_model(str(place))
    return Learned(
        dataset=dataset,
        raw=raw,
        serving=ServingModel(
            Bundle.read(trained.challenger.bundle), name=name, version="1"
        ),
        registered=loaded,
    )

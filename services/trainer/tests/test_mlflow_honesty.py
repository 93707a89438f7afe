"""On a real MLflow: a batch that is held, and a champion that MLflow has lost."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd
import pytest
from mlflow import MlflowClient

from relevo_contracts import Task
from relevo_contracts.registry_tags import Tag
from relevo_datasets import Dataset
from trainer.jobs.job import do
from trainer.learning.assignment import Assignment, Table
from trainer.learning.candidates import Candidate, candidates_for
from trainer.recording.mlflow_tracking import MlflowTracking
from trainer.recording.registered import HeldBatch, Registered, Registry

pytestmark = [
    pytest.mark.servers,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType"),
]
Assign = Callable[[Sequence[Table]], Assignment]


@pytest.fixture(scope="module")
def client(mlflow_url: str) -> MlflowClient:
    return MlflowClient(mlflow_url, mlflow_url)


@pytest.fixture(scope="module")
def tracking(mlflow_url: str) -> MlflowTracking:
    return MlflowTracking(Registry(mlflow_url, "champion"))


@pytest.fixture
def name() -> str:
    """Of a model and an experiment of its own."""
    return f"own-{uuid.uuid4().hex}"


def run(assignment: Assignment, tracking: MlflowTracking) -> Registered | HeldBatch:
    return do(assignment, tracking, lambda _: None, linear)


def linear(dataset: Dataset, task: Task) -> Sequence[Candidate]:
    """The quickest candidate alone."""
    return candidates_for(dataset, task)[-1:]


def test_a_held_batch_leaves_a_run_that_says_so_and_no_version(
    assign: Assign,
    clean_frame: Callable[..., pd.DataFrame],
    as_table: Callable[..., Table],
    tracking: MlflowTracking,
    client: MlflowClient,
    name: str,
) -> None:
    honest, odd = (clean_frame(3_000, seed) for seed in (1, 2))
    tables = [as_table(honest, 1), as_table(odd.assign(target=1 - odd["target"]), 2)]
    run(replace(assign(tables[:1]), dataset=name), tracking)
    second = replace(assign(tables), dataset=name)

    for _ in range(2):  # killed before the catalog knew
        held = run(second, tracking)

    assert isinstance(held, HeldBatch)
    assert len(client.search_model_versions(f"name = '{name}'")) == 1
    experiment = client.get_experiment_by_name(name)
    assert experiment is not None
    all_runs = client.search_runs([experiment.experiment_id])
    [found] = [each for each in all_runs if each.info.run_name == second.batch_id]
    assert (found.info.run_id, found.info.status) == (held.run_id, "FINISHED")
    assert found.data.tags[Tag.VERDICT] == "held"
    assert found.data.tags[Tag.REASON] == held.reason
    assert found.data.metrics["live_roc_auc"] < 0.5 < found.data.metrics["live_share_came"]


LOSSES: dict[str, Callable[[MlflowClient, str], object]] = {
    "alias deleted": lambda mlflow, name: mlflow.delete_registered_model_alias(
        name, "champion"
    ),
    "version deleted": lambda mlflow, name: mlflow.delete_model_version(name, "1"),
    "model renamed": lambda mlflow, name: mlflow.rename_registered_model(name, f"{name}-2"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_who_serves_is_met_whatever_mlflow_has_lost_of_him(
    assign: Assign,
    tables: Sequence[Table],
    tracking: MlflowTracking,
    client: MlflowClient,
    name: str,
    loss: str,
) -> None:
    first = replace(assign(tables), dataset=name)
    run(first, tracking)
    holder = tracking.on_duty(name)
    LOSSES[loss](client, name)
    assert tracking.on_duty(name) is None

    kept = run(replace(first, code_version="other", promoted=holder), tracking)

    assert isinstance(kept, Registered)
    assert not kept.is_promoted
    assert kept.reason.startswith("is not better than champion v1 beyond noise")
    tags = client.get_model_version(name, kept.version).tags
    assert (tags[Tag.VERDICT_NUMBER], tags[Tag.LEVEL]) == ("1", "0.025000")


def test_nobody_is_on_duty_before_the_first_promotion(tracking: MlflowTracking) -> None:
    assert tracking.on_duty("a-model-that-nobody-made") is None
    assert tracking.held("a-model-that-nobody-made") is None

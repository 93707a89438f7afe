"""A job on a real MLflow: runs, versions, alias, and what a kill leaves behind."""

import hashlib
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from relevo_bundles import Bundle
from relevo_contracts import OutageError, Task
from relevo_contracts.registry_tags import Tag
from relevo_datasets import SPLIT, Dataset
from relevo_local.places.ports import free_port
from trainer.jobs.job import Choose, do
from trainer.learning.assignment import Assignment, Table
from trainer.learning.candidates import CANDIDATES, Candidate, candidates_for
from trainer.learning.learning_set import assemble
from trainer.learning.stages import Progress
from trainer.recording.mlflow_errors import reaching_mlflow
from trainer.recording.mlflow_tracking import MlflowTracking
from trainer.recording.registered import Registered, Registry

pytestmark = [
    pytest.mark.servers,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType"),
]
Assign = Callable[[Sequence[Table]], Assignment]


class Killed(BaseException):
    """As kill -9: nothing that catches errors sees it."""


@pytest.fixture(scope="module")
def client(mlflow_url: str) -> MlflowClient:
    return MlflowClient(mlflow_url, mlflow_url)


@pytest.fixture(scope="module")
def tracking(mlflow_url: str) -> MlflowTracking:
    return MlflowTracking(Registry(mlflow_url, "champion"))


@pytest.fixture(scope="module")
def champion(
    assign: Assign, tables: Sequence[Table], tracking: MlflowTracking
) -> tuple[Assignment, Registered]:
    """A job that ended well, and the version that came of it; nobody changes it."""
    assignment = replace(assign(tables), dataset=f"own-{uuid.uuid4().hex}")
    return assignment, run(assignment, tracking)


def run(assignment: Assignment, tracking: MlflowTracking) -> Registered:
    registered = do(assignment, tracking, lambda _: None, linear)
    assert isinstance(registered, Registered)
    return registered


def linear(dataset: Dataset, task: Task) -> Sequence[Candidate]:
    """The quickest candidate alone."""
    return candidates_for(dataset, task)[-1:]


def runs(client: MlflowClient, assignment: Assignment) -> list[Run]:
    experiment = client.get_experiment_by_name(assignment.dataset)
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id]))


def versions(client: MlflowClient, assignment: Assignment) -> list[str]:
    found = client.search_model_versions(f"name = '{assignment.dataset}'")
    return [str(version.version) for version in found]


def alias(client: MlflowClient, assignment: Assignment) -> str:
    return str(client.get_model_version_by_alias(assignment.dataset, "champion").version)


def test_a_version_holds_a_bundle_that_plain_http_can_fetch(
    champion: tuple[Assignment, Registered], client: MlflowClient, mlflow_url: str
) -> None:
    assignment, registered = champion

    version = client.get_model_version(registered.model, registered.version)
    api = f"{mlflow_url}/api/2.0"
    source = httpx.get(
        f"{api}/mlflow/model-versions/get-download-uri",
        params={"name": registered.model, "version": registered.version},
    ).json()["artifact_uri"]
    path = f"{source}/{version.tags['relevo.bundle_path']}".removeprefix(
        "mlflow-artifacts:"
    )
    content = httpx.get(f"{api}/mlflow-artifacts/artifacts{path}").content
    assert hashlib.sha256(content).hexdigest() == version.tags["relevo.bundle_sha256"]
    assert Bundle.read(content).manifest.lineage.run_id == registered.run_id
    assert json.loads(version.tags["relevo.batches"]) == list(assignment.batches)
    assert version.tags["relevo.verdict"] == "promoted"
    assert str(version.description).startswith("# own-")
    assert alias(client, assignment) == registered.version


def test_people_load_the_pipeline_and_get_the_bundles_answers(
    champion: tuple[Assignment, Registered], tracking: MlflowTracking, mlflow_url: str
) -> None:
    assignment, registered = champion
    bundle = bundle_of(registered, tracking)
    golden = bundle.manifest.golden
    frame = assemble(assignment.tables).frame
    names = [feature.name for feature in bundle.manifest.features]
    test = frame.loc[frame[SPLIT] == "test", names]

    mlflow.set_tracking_uri(mlflow_url)
    uri = f"models:/{registered.model}@champion"
    pipeline = mlflow.sklearn.load_model(uri)
    function = mlflow.pyfunc.load_model(uri)

    answers = pipeline.predict_proba(test)[:, 1]
    assert answers.min() == pytest.approx(golden[0].answer[0], abs=1e-12)
    assert answers.max() == pytest.approx(golden[-1].answer[0], abs=1e-12)
    np.testing.assert_allclose(
        function.predict(pd.DataFrame([each.row for each in golden]))[:, 1:],
        [each.answer for each in golden],
        atol=1e-12,
    )


def bundle_of(registered: Registered, tracking: MlflowTracking) -> Bundle:
    """The champion's bundle."""
    holder = tracking.on_duty(registered.model)
    assert holder is not None
    assert holder.content is not None
    return Bundle.read(holder.content)


@contextmanager
def served(model: str, mlflow_url: str, folder: Path) -> Iterator[str]:
    """The URL at which `mlflow models serve` answers for the champion."""
    port, places = free_port(), str(Path(sys.executable).parent)
    command = ["mlflow", "models", "serve", "-m", f"models:/{model}@champion"]
    options = ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(port)]
    environment = {
        "PATH": os.pathsep.join([places, os.environ["PATH"]]),
        "MLFLOW_TRACKING_URI": mlflow_url,
    }
    log = folder / "serve.log"
    with (
        log.open("wb") as told,
        subprocess.Popen(
            [f"{places}/{command[0]}", *command[1:], *options],
            env=environment,
            stdout=told,
            stderr=told,
        ) as server,
    ):
        try:
            deadline = time.monotonic() + 200
            while not is_there(f"http://127.0.0.1:{port}/ping"):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/invocations"
        finally:
            server.terminate()


def is_there(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.HTTPError:
        return False


def test_mlflow_serves_the_champion_and_takes_a_row_as_a_pod_does(
    champion: tuple[Assignment, Registered],
    tracking: MlflowTracking,
    mlflow_url: str,
    tmp_path: Path,
) -> None:
    registered = champion[1]
    bundle = bundle_of(registered, tracking)
    features, row = bundle.manifest.features, dict(bundle.manifest.example or {})
    names = {feature.name: feature.raw_name for feature in features}
    raw = {names[name]: value for name, value in row.items()} | {
        "change": "Ch",
        "weight": 1,
    }
    defaults = {f.name: f.default for f in features if not f.required}
    [[expected]] = bundle.answers({n: [v] for n, v in {**defaults, **row}.items()})
    bodies: list[dict[str, object]] = [
        {"dataframe_records": [row]},
        {"dataframe_records": [raw, raw]},
        {"dataframe_split": {"columns": [*raw], "data": [[*raw.values()]]}},
        {"inputs": [row]},
        {"inputs": {name: [value] for name, value in row.items()}},
        {"instances": [row, row]},
    ]

    with served(registered.model, mlflow_url, tmp_path) as url:
        answers = [httpx.post(url, json=body) for body in bodies]
        wrong = httpx.post(url, json={"dataframe_records": [row, row | {"gender": "X"}]})

    for answer in answers:
        assert answer.status_code == 200, answer.text
        for both in answer.json()["predictions"]:
            assert both == pytest.approx([1 - expected, expected], abs=1e-9)
    assert wrong.status_code == 400
    assert "row 1: `gender` is none of its words" in wrong.text


@pytest.mark.parametrize(
    ("task", "figures"),
    [
        ("binary", {"test_roc_auc", "test_brier", "threshold", "validation_roc_auc"}),
        ("multiclass", {"test_accuracy", "test_macro_f1", "test_log_loss"}),
        ("regression", {"test_r2", "test_rmse", "interval_low", "interval_high"}),
    ],
)
def test_a_version_names_its_task_and_its_run_the_figures_of_the_task(
    assign: Assign,
    tables_of: Mapping[Task, Sequence[Table]],
    tracking: MlflowTracking,
    client: MlflowClient,
    task: Task,
    figures: set[str],
) -> None:
    assignment = replace(assign(tables_of[task]), dataset=f"own-{uuid.uuid4().hex}")

    registered = run(assignment, tracking)

    version = client.get_model_version(registered.model, registered.version)
    assert version.tags[Tag.TASK] == task
    [top] = [r for r in runs(client, assignment) if r.info.run_id == registered.run_id]
    assert figures <= set(top.data.metrics)
    assert top.data.params["task"] == task


def test_a_run_has_one_below_it_per_candidate_and_all_figures(
    assignment: Assignment,
    tracking: MlflowTracking,
    client: MlflowClient,
    few_trees: Choose,
) -> None:
    registered = do(assignment, tracking, lambda _: None, few_trees)
    assert isinstance(registered, Registered)

    found = {r.info.run_name: r for r in runs(client, assignment)}
    algorithms = {candidate.algorithm for candidate in CANDIDATES["binary"]}
    assert set(found) == {assignment.batch_id, *algorithms}
    top = found.pop(assignment.batch_id)
    assert {r.data.tags["mlflow.parentRunId"] for r in found.values()} == {top.info.run_id}
    assert {r.info.status for r in (top, *found.values())} == {"FINISHED"}
    assert top.data.tags["relevo.reason"] == registered.reason
    assert {"test_roc_auc_low", "verdict_z", "test_brier", "threshold"} <= set(
        top.data.metrics
    )
    assert top.inputs is not None
    digests = {each.dataset.name: each.dataset.digest for each in top.inputs.dataset_inputs}
    assert digests == {t.batch_id: t.sha256[:36] for t in assignment.tables}


def test_a_kill_between_the_version_and_the_alias_is_made_good(
    assignment: Assignment,
    tracking: MlflowTracking,
    client: MlflowClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(_: Registered) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(tracking, "conclude", die)
        with pytest.raises(Killed):
            run(assignment, tracking)
    registered = run(assignment, tracking)
    again = run(assignment, tracking)

    assert versions(client, assignment) == ["1"]
    assert alias(client, assignment) == "1"
    assert registered == again
    assert registered.statistics.model_version == "1"
    assert len([r for r in runs(client, assignment) if r.info.run_name[-4:] == "0002"]) == 1


def test_what_a_kill_before_the_version_left_is_removed(
    assignment: Assignment,
    tracking: MlflowTracking,
    client: MlflowClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(tracking, "_version", die)
        with pytest.raises(Killed):
            run(assignment, tracking)
    left = runs(client, assignment)
    registered = run(assignment, tracking)

    assert len(left) == 2
    found = runs(client, assignment)
    assert len(found) == 2
    assert {r.info.run_id for r in left}.isdisjoint(r.info.run_id for r in found)
    assert registered.run_id in {r.info.run_id for r in found}
    assert versions(client, assignment) == ["1"]
    experiment = found[0].info.experiment_id
    models = client.search_logged_models([experiment])
    assert [model.source_run_id for model in models] == [registered.run_id]


@pytest.mark.parametrize("refused", ["log_model_artifacts", "create_model_version"])
def test_what_was_refused_is_registered_later_without_another_fit(
    assignment: Assignment,
    tracking: MlflowTracking,
    client: MlflowClient,
    monkeypatch: pytest.MonkeyPatch,
    refused: str,
) -> None:
    """The second is made, and the answer gets lost."""
    monkeypatch.setattr("trainer.jobs.outlasting.FIRST_SECONDS", 0.01)
    real, calls = getattr(MlflowClient, refused), list[object]()
    told: list[Progress] = []

    def once_refused(*given: object, **named: object) -> object:
        calls.append(given)
        answer = real(*given, **named)
        if len(calls) == 1:
            raise MlflowException("the store is full")
        return answer

    monkeypatch.setattr(MlflowClient, refused, once_refused)
    registered = do(assignment, tracking, told.append, linear)

    assert isinstance(registered, Registered)
    assert [p.waits for p in told if p.waits] == ["MLflow does not work: the store is full"]
    assert len([p for p in told if p.stage.startswith("fit ")]) == 1
    assert versions(client, assignment) == [registered.version] == ["1"]
    found = runs(client, assignment)
    assert {r.info.status for r in found} == {"FINISHED"}
    assert len(found) == 2, "the batch's and its candidate's"
    [model] = client.search_logged_models([found[0].info.experiment_id])
    assert model.source_run_id == registered.run_id


def test_a_version_without_a_bundle_is_on_duty_but_cannot_answer(
    tracking: MlflowTracking, client: MlflowClient
) -> None:
    experiment = client.create_experiment("by-hand")
    run = client.create_run(experiment)
    client.create_registered_model("by-hand")
    version = client.create_model_version("by-hand", run.info.artifact_uri, run.info.run_id)
    client.set_registered_model_alias("by-hand", "champion", version.version)

    holder = tracking.on_duty("by-hand")

    assert holder is not None
    assert (holder.version, holder.content) == ("1", None)


def test_a_mistake_of_ours_is_no_outage(client: MlflowClient) -> None:
    with pytest.raises(mlflow.MlflowException), reaching_mlflow():
        client.create_run("no-such-experiment")


def test_a_server_that_is_away_is_an_outage(
    assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    away = MlflowTracking(Registry("http://127.0.0.1:9", "champion"))

    with pytest.raises(OutageError, match="MLflow"):
        away.resume(assignment)

"""Versions, their verdicts and the alias, as an MLflow server keeps them."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts, list_artifacts
from mlflow.entities import LoggedModel, LoggedModelOutput
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import Model

from relevo_contracts import OutageError
from relevo_contracts.registry_notes import Held
from relevo_contracts.registry_tags import BUNDLE_PATH, Tag
from relevo_contracts.statistics import TrainedStatistics
from trainer.judging.champion import Holder
from trainer.judging.live import Live
from trainer.learning.assignment import Assignment
from trainer.learning.training import Trained
from trainer.recording import run_log
from trainer.recording.mlflow_alias import Alias
from trainer.recording.mlflow_errors import reaching_mlflow
from trainer.recording.mlflow_runs import Runs
from trainer.recording.model_folder import fill_folder
from trainer.recording.registered import HeldBatch, Registered, Registry
from trainer.recording.summary import statistics_of, statistics_of_live

EXISTS = "RESOURCE_ALREADY_EXISTS"


class MlflowTracking:
    """Tracking over MLflow's REST interface; an experiment of the model's name."""

    def __init__(self, registry: Registry) -> None:
        self._uri = registry.tracking_uri
        self._client = MlflowClient(self._uri, self._uri)
        self._alias = Alias(self._client, registry.alias)
        self._runs = Runs(self._client)

    def resume(self, assignment: Assignment) -> Registered | None:
        with reaching_mlflow():
            first = self._version_of(assignment)
            self._runs.clear(assignment, keep=first.run_id if first else None)
        return _registered(first) if first else None

    def on_duty(self, model: str) -> Holder | None:
        with reaching_mlflow():
            version = self._alias.holder(model)
            if version is None:
                return None
            source = self._client.get_model_version_download_uri(model, version.version)
            path = version.tags.get(Tag.BUNDLE_PATH, BUNDLE_PATH)
            content = self._content(source, path)
            if content is not None and _sha256(content) != version.tags.get(
                Tag.BUNDLE_SHA256
            ):
                content = None  # the registry-watcher promotes no such bundle either
            return Holder(str(version.version), content)

    def held(self, model: str) -> Held | None:
        with reaching_mlflow():
            return self._alias.held(model)

    @contextmanager
    def run(self, assignment: Assignment) -> Iterator[str]:
        with reaching_mlflow():
            run_id = self._runs.open(assignment)
        try:
            yield run_id
        except BaseException:
            with suppress(OutageError), reaching_mlflow():
                self._client.set_terminated(run_id, "FAILED")
            raise

    def register(
        self,
        assignment: Assignment,
        trained: Trained,
        *,
        run_id: str,
        relieves: str | None,
        seconds: dict[str, float],
    ) -> Registered:
        with reaching_mlflow():
            if made := self._version_of(assignment):
                return _registered(made)
            self._runs.empty(assignment, run_id)
            self._runs.log(assignment, trained, run_id=run_id, seconds=seconds)
            logged = self._client.create_logged_model(
                self._runs.experiment(assignment.model),
                name=trained.challenger.algorithm,
                source_run_id=run_id,
                tags={Tag.RUN_KEY: assignment.run_key},
            )
        with tempfile.TemporaryDirectory() as folder:
            model = Model(
                artifact_path=logged.artifact_location,
                model_uuid=logged.model_id,
                model_id=logged.model_id,
                run_id=run_id,
            )
            card = fill_folder(Path(folder), model, assignment, trained)
            with reaching_mlflow():
                self._client.log_model_artifacts(logged.model_id, folder)
                self._client.finalize_logged_model(logged.model_id, "READY")
                self._client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, 0)])
                return self._version(
                    assignment,
                    trained,
                    logged,
                    card=card,
                    relieves=relieves,
                    seconds=seconds,
                )

    def hold_batch(
        self,
        assignment: Assignment,
        live: Live,
        reason: str,
        *,
        run_id: str,
        seconds: dict[str, float],
    ) -> HeldBatch:
        with reaching_mlflow():
            self._runs.log_held(assignment, live, reason, run_id=run_id)
        statistics = statistics_of_live(live, seconds)
        return HeldBatch(assignment.model, run_id, reason, statistics)

    def conclude(self, registered: Registered) -> Registered:
        with reaching_mlflow():
            if registered.is_promoted and not registered.is_concluded:
                registered = self._alias.promote(registered)
            self._client.set_terminated(registered.run_id, "FINISHED")
        return registered

    def _version_of(self, assignment: Assignment) -> ModelVersion | None:
        """The first that was registered for the run key."""
        found = self._client.search_model_versions(
            f"name = '{assignment.model}' and tags.`{Tag.RUN_KEY}` = '{assignment.run_key}'"
        )
        return min(found, key=lambda version: int(version.version), default=None)

    def _version(
        self,
        assignment: Assignment,
        trained: Trained,
        logged: LoggedModel,
        *,
        card: str,
        relieves: str | None,
        seconds: dict[str, float],
    ) -> Registered:
        """The one step that counts: the version and all that its verdict needs."""
        try:
            self._client.create_registered_model(assignment.model)
        except MlflowException as error:
            if error.error_code != EXISTS:
                raise
        verdict = trained.verdict
        tags = {
            **run_log.opening_tags(assignment),
            Tag.BATCHES: json.dumps(trained.learning.batches),
            Tag.BUNDLE_SHA256: _sha256(trained.challenger.bundle),
            Tag.BUNDLE_PATH: BUNDLE_PATH,
            Tag.VERDICT: "promoted" if verdict.is_promoted else "kept",
            Tag.REASON: verdict.reason,
            Tag.VERDICT_NUMBER: str(verdict.number),
            Tag.LEVEL: f"{verdict.level:.6f}",
            Tag.RELIEVES: relieves or "",
            Tag.MOVED_BEFORE: self._alias.note(assignment.model),
            Tag.TASK: trained.learning.target.task,
            Tag.STATISTICS: json.dumps(statistics_of(trained, seconds).noted()),
            Tag.TRACEPARENT: assignment.traceparent or "",
        }
        version = self._client.create_model_version(
            assignment.model,
            source=f"models:/{logged.model_id}",
            run_id=logged.source_run_id,
            tags=tags,
            description=card,
            model_id=logged.model_id,
        )
        version.tags.update(tags)
        return _registered(version)

    def _content(self, source: str, path: str) -> bytes | None:
        """An artifact's bytes; None when it is not there."""
        folder, _, name = f"{source}/{path}".rpartition("/")
        listed = list_artifacts(artifact_uri=folder, tracking_uri=self._uri)
        if name not in {PurePosixPath(each.path).name for each in listed}:
            return None
        with tempfile.TemporaryDirectory() as copies:
            uri = f"{folder}/{name}"
            file = download_artifacts(
                artifact_uri=uri, dst_path=copies, tracking_uri=self._uri
            )
            return Path(file).read_bytes()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _registered(version: ModelVersion) -> Registered:
    tags = version.tags
    number = str(version.version)
    return Registered(
        model=version.name,
        version=number,
        run_id=str(version.run_id),
        is_promoted=tags[Tag.VERDICT] == "promoted",
        reason=tags[Tag.REASON],
        relieves=tags[Tag.RELIEVES] or None,
        statistics=TrainedStatistics.read(
            json.loads(tags[Tag.STATISTICS]) | {"model_version": number}
        ),
        moved_before=tags.get(Tag.MOVED_BEFORE, ""),
        is_concluded=Tag.CONCLUDED in tags,
    )

"""Runs, versions and the alias as an MLflow server keeps them."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities import LoggedModel, LoggedModelOutput, ViewType
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import Model

from relevo_contracts import OutageError
from trainer import run_log
from trainer.assignment import Assignment, Registered, Registry
from trainer.champion import AliasHolder
from trainer.mlflow_errors import reaching_mlflow
from trainer.model_folder import BUNDLE, fill_folder
from trainer.summary import statistics_of
from trainer.training import Trained

ABSENT = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}
"""How MLflow says that a model, or that an alias, is not there."""
EXISTS = "RESOURCE_ALREADY_EXISTS"


class MlflowTracking:
    """Tracking over MLflow's REST interface; an experiment and a model per dataset."""

    def __init__(self, registry: Registry) -> None:
        self._uri = registry.tracking_uri
        self._alias = registry.alias
        self._client = MlflowClient(self._uri, self._uri)

    def resume(self, assignment: Assignment) -> Registered | None:
        with reaching_mlflow():
            found = self._client.search_model_versions(
                f"name = '{assignment.model}' and"
                f" tags.`{run_log.RUN_KEY}` = '{assignment.run_key}'"
            )
            first = min(found, key=lambda version: int(version.version), default=None)
            self._clear(assignment, keep=first.run_id if first else None)
        return _registered(first) if first else None

    def on_duty(self, model: str) -> AliasHolder | None:
        with reaching_mlflow():
            version = self._under_alias(model)
            if version is None:
                return None
            source = self._client.get_model_version_download_uri(model, version.version)
            path = version.tags.get("relevo.bundle_path", BUNDLE)
            with suppress(FileNotFoundError), tempfile.TemporaryDirectory() as folder:
                file = download_artifacts(
                    artifact_uri=f"{source}/{path}", dst_path=folder, tracking_uri=self._uri
                )
                return AliasHolder(str(version.version), Path(file).read_bytes())
        return AliasHolder(str(version.version), None)

    @contextmanager
    def run(self, assignment: Assignment) -> Iterator[str]:
        with reaching_mlflow():
            run = self._client.create_run(
                self._experiment(assignment.dataset),
                tags=run_log.opening_tags(assignment),
                run_name=assignment.batch_id,
            )
        run_id = str(run.info.run_id)
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
            self._log(assignment, trained, run_id, seconds)
            logged = self._client.create_logged_model(
                self._experiment(assignment.dataset),
                name=trained.winner.candidate.algorithm,
                source_run_id=run_id,
                tags={run_log.RUN_KEY: assignment.run_key},
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

    def conclude(self, registered: Registered) -> None:
        with reaching_mlflow():
            if registered.is_promoted:
                holder = self._under_alias(registered.model)
                if (holder and str(holder.version)) == registered.relieves:
                    self._client.set_registered_model_alias(
                        registered.model, self._alias, registered.version
                    )
            self._client.set_terminated(registered.run_id, "FINISHED")

    def _log(
        self,
        assignment: Assignment,
        trained: Trained,
        run_id: str,
        seconds: dict[str, float],
    ) -> None:
        self._client.log_inputs(run_id, run_log.dataset_inputs(assignment))
        self._client.log_batch(
            run_id,
            metrics=run_log.metrics(trained, seconds),
            params=run_log.parameters(assignment, trained),
            tags=run_log.closing_tags(trained),
        )
        y = trained.learning.y[trained.learning.rows("validation")]
        for trial in trained.trials:
            nested = self._client.create_run(
                self._experiment(assignment.dataset),
                tags=run_log.candidate_tags(assignment, run_id),
                run_name=trial.candidate.algorithm,
            ).info.run_id
            self._client.log_batch(
                nested,
                metrics=run_log.candidate_metrics(trial, y),
                params=run_log.candidate_parameters(trial),
            )
            self._client.set_terminated(nested, "FINISHED")

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
            "relevo.batches": json.dumps(trained.learning.batches),
            "relevo.bundle_sha256": hashlib.sha256(trained.bundle).hexdigest(),
            "relevo.bundle_path": BUNDLE,
            "relevo.verdict": "promoted" if verdict.is_promoted else "kept",
            "relevo.reason": verdict.reason,
            "relevo.relieves": relieves or "",
            "relevo.statistics": json.dumps(statistics_of(trained, seconds)),
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

    def _clear(self, assignment: Assignment, *, keep: str | None) -> None:
        """Remove the runs of attempts at this run key, but for the one to keep."""
        experiment = self._experiment(assignment.dataset)
        runs = self._client.search_runs(
            [experiment],
            f"tags.`{run_log.RUN_KEY}` = '{assignment.run_key}'",
            ViewType.ACTIVE_ONLY,
        )
        for run in runs:
            if keep and keep in (run.info.run_id, run.data.tags.get(run_log.PARENT)):
                continue
            for model in self._client.search_logged_models(
                [experiment], f"source_run_id = '{run.info.run_id}'"
            ):
                self._client.delete_logged_model(model.model_id)
            self._client.delete_run(run.info.run_id)

    def _experiment(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        return str(self._client.create_experiment(name))

    def _under_alias(self, model: str) -> ModelVersion | None:
        try:
            return self._client.get_model_version_by_alias(model, self._alias)
        except MlflowException as error:
            if error.error_code in ABSENT:
                return None
            raise


def _registered(version: ModelVersion) -> Registered:
    tags = version.tags
    number = str(version.version)
    return Registered(
        model=version.name,
        version=number,
        run_id=str(version.run_id),
        is_promoted=tags["relevo.verdict"] == "promoted",
        reason=tags["relevo.reason"],
        relieves=tags["relevo.relieves"] or None,
        statistics={**json.loads(tags["relevo.statistics"]), "model_version": number},
    )

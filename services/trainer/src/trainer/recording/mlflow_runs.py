"""The runs of a model's experiment: one per batch, and one below it per candidate."""

from mlflow import MlflowClient
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException

from relevo_contracts.registry_tags import Tag
from relevo_contracts.results import Verdict
from trainer.judging.live import Live
from trainer.learning.assignment import Assignment
from trainer.learning.training import Trained
from trainer.recording import run_log

EXISTS = "RESOURCE_ALREADY_EXISTS"
KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Else MLflow's page opens an experiment at its traces, of which we have none."""


class Runs:
    """Runs over MLflow's client; its errors are the client's own."""

    def __init__(self, client: MlflowClient) -> None:
        self._client = client

    def experiment(self, name: str) -> str:
        """The id of the experiment, made if need be."""
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        try:
            return str(self._client.create_experiment(name, tags=KIND))
        except MlflowException as error:
            if error.error_code != EXISTS:
                raise
            return self.experiment(name)  # somebody was quicker

    def open(self, assignment: Assignment) -> str:
        """A new run of the batch, by its id."""
        run = self._client.create_run(
            self.experiment(assignment.model),
            tags=run_log.opening_tags(assignment),
            run_name=assignment.batch_id,
        )
        return str(run.info.run_id)

    def log(
        self,
        assignment: Assignment,
        trained: Trained,
        *,
        run_id: str,
        seconds: dict[str, float],
    ) -> None:
        """All figures, in as few requests as there are things to tell."""
        self._client.log_inputs(run_id, run_log.dataset_inputs(assignment))
        self._client.log_batch(
            run_id,
            metrics=run_log.metrics(trained, seconds),
            params=run_log.parameters(assignment, trained),
            tags=run_log.closing_tags(trained),
        )
        experiment = self.experiment(assignment.model)
        for trial in trained.trials:
            nested = self._client.create_run(
                experiment,
                tags=run_log.candidate_tags(assignment, run_id),
                run_name=trial.candidate.algorithm,
            ).info.run_id
            self._client.log_batch(
                nested,
                metrics=run_log.candidate_metrics(trial, trained.learning),
                params=run_log.candidate_parameters(trial),
            )
            self._client.set_terminated(nested, "FINISHED")

    def log_held(
        self, assignment: Assignment, live: Live, reason: str, *, run_id: str
    ) -> None:
        """The newest batch as the champion sees it, and why nothing learns from it."""
        self._client.log_inputs(run_id, run_log.dataset_inputs(assignment)[-1:])
        self._client.log_batch(
            run_id,
            metrics=run_log.live_metrics(live),
            tags=run_log.verdict_tags(Verdict.HELD, reason),
        )
        self._client.set_terminated(run_id, "FINISHED")

    def empty(self, assignment: Assignment, run_id: str) -> None:
        """Remove what an earlier attempt has put below the run."""
        experiment = self.experiment(assignment.model)
        below = f"tags.`{run_log.PARENT}` = '{run_id}'"
        for run in self._client.search_runs([experiment], below):
            self._client.delete_run(run.info.run_id)
        self._delete_models(experiment, run_id)

    def clear(self, assignment: Assignment, *, keep: str | None) -> None:
        """Remove what earlier attempts at the run key left, but for one run and its own."""
        experiment = self.experiment(assignment.model)
        runs = self._client.search_runs(
            [experiment],
            f"tags.`{Tag.RUN_KEY}` = '{assignment.run_key}'",
            ViewType.ACTIVE_ONLY,
        )
        for run in runs:
            if keep and keep in (run.info.run_id, run.data.tags.get(run_log.PARENT)):
                continue
            self._delete_models(experiment, run.info.run_id)
            self._client.delete_run(run.info.run_id)

    def _delete_models(self, experiment: str, run_id: str) -> None:
        made = f"source_run_id = '{run_id}'"
        for model in self._client.search_logged_models([experiment], made):
            self._client.delete_logged_model(model.model_id)

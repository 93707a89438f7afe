"""The champion alias in MLflow: who is under it, who holds it there, how it moves."""

from dataclasses import replace
from datetime import UTC, datetime

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from relevo_contracts.registry_notes import HELD, MOVED, Held, Moved
from relevo_contracts.registry_tags import Tag
from trainer.judging.verdict import hindered
from trainer.recording.registered import Registered

ABSENT = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}
"""How MLflow says that a model, or that an alias, is not there."""


class Alias:
    """The alias of that name; what MLflow raises is the caller's to understand."""

    def __init__(self, client: MlflowClient, name: str) -> None:
        self._client = client
        self._name = name

    def holder(self, model: str) -> ModelVersion | None:
        """The version under it."""
        try:
            return self._client.get_model_version_by_alias(model, self._name)
        except MlflowException as error:
            if error.error_code in ABSENT:
                return None
            raise

    def held(self, model: str) -> Held | None:
        """Who wants it to stay where it is, if somebody does."""
        try:
            tags = self._client.get_registered_model(model).tags
        except MlflowException as error:
            if error.error_code in ABSENT:
                return None
            raise
        return Held.read(tags.get(HELD))

    def promote(self, registered: Registered) -> Registered:
        """Move it and leave a note of that first, unless the model is held by now."""
        model, version = registered.model, registered.version
        if held := self.held(model):
            reason = hindered(str(held), "promoted", registered.reason)
            for tag, value in ((Tag.VERDICT, "kept"), (Tag.REASON, reason)):
                self._client.set_model_version_tag(model, version, tag, value)
            return replace(registered, is_promoted=False, reason=reason)
        now = datetime.now(UTC)
        moved = Moved(version=version, by="trainer", why=registered.reason, at=now)
        self._client.set_registered_model_tag(model, MOVED, moved.model_dump_json())
        self._client.set_registered_model_alias(model, self._name, version)
        return registered

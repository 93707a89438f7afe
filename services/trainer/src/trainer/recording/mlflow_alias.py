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
        return Held.read(self._tags(model).get(HELD))

    def note(self, model: str) -> str:
        """What was noted of its last move; empty before there is one."""
        return self._tags(model).get(MOVED, "")

    def promote(self, registered: Registered) -> Registered:
        """Move it as the verdict says, once, and note that it was done.

        It stays where it is when it has moved since the verdict, whoever moved it, and when
        the model is held by now: then the version is kept after all.
        """
        model, version = registered.model, registered.version
        if self._has_stayed(registered):
            if held := self.held(model):
                return self._keep(registered, str(held))
            now = datetime.now(UTC)
            moved = Moved(version=version, by="trainer", why=registered.reason, at=now)
            self._client.set_registered_model_tag(model, MOVED, moved.model_dump_json())
            self._client.set_registered_model_alias(model, self._name, version)
        done = datetime.now(UTC).isoformat()
        self._client.set_model_version_tag(model, version, Tag.CONCLUDED, done)
        return replace(registered, is_concluded=True)

    def _has_stayed(self, registered: Registered) -> bool:
        """A note about the version itself is of a move that a kill may have prevented."""
        model, version = registered.model, registered.version
        holder, note = self.holder(model), self.note(model)
        is_ours = Moved.read(note, version=version) is not None
        under = str(holder.version) if holder else None
        return under == registered.relieves and (is_ours or note == registered.moved_before)

    def _keep(self, registered: Registered, remark: str) -> Registered:
        reason = hindered(remark, "promoted", registered.reason)
        for tag, value in ((Tag.VERDICT, "kept"), (Tag.REASON, reason)):
            self._client.set_model_version_tag(
                registered.model, registered.version, tag, value
            )
        return replace(registered, is_promoted=False, reason=reason)

    def _tags(self, model: str) -> dict[str, str]:
        """The registered model's; none before it is there."""
        try:
            return dict(self._client.get_registered_model(model).tags)
        except MlflowException as error:
            if error.error_code in ABSENT:
                return {}
            raise

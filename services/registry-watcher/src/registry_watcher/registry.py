"""The port through which the watcher sees the model registry."""

from typing import Protocol

from pydantic import BaseModel, ConfigDict

from relevo_contracts.registry_notes import Held, Moved


class Alias(BaseModel):
    """Which version of a model the champion alias points at.

    moved and held are the notes on the model; moved: only when it is about this version.
    """

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    model: str
    model_version: str
    alias: str
    moved: Moved | None = None
    held: Held | None = None


class Champion(Alias):
    """That version.

    bundle_sha256, bundle_path and traceparent are what the trainer wrote on the version
    as tags; None when it wrote none, as for a version that a person registered by hand.
    """

    run_id: str
    bundle_sha256: str | None
    bundle_path: str | None
    traceparent: str | None = None


class Registry(Protocol):
    """MLflow's registry; every adapter raises OutageError while it is away."""

    async def aliases(self) -> list[Alias]:
        """Of every registered model, the version that the alias points at."""

    async def champion(self, alias: Alias) -> Champion:
        """The version; FileNotFoundError when it is gone."""

    async def bundle(self, champion: Champion) -> bytes:
        """The serving bundle of a version; FileNotFoundError when there is none."""

    async def refuse(self, champion: Champion, reason: str) -> None:
        """Write on the version why it cannot be served."""

    async def hold_back(self, champion: Champion, reason: str) -> None:
        """Write on the version why it is not promoted unless a person says so."""

    async def call_back(self, url: str, secret: str) -> str | None:
        """Have the registry call `url` at every move of an alias; repeating is harmless.

        Answers what was otherwise, in words; None: nothing that can be seen.
        """

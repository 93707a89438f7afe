"""The port through which the watcher sees the model registry."""

from typing import Protocol

from pydantic import BaseModel, ConfigDict

from relevo_contracts.registry_notes import Held, Moved


class Champion(BaseModel):
    """A registered version that holds the champion alias.

    bundle_sha256, bundle_path and traceparent are what the trainer wrote on the version
    as tags; None when it wrote none, as for a version that a person registered by hand.
    moved and held are the notes on its model; moved: only when it is about this version.
    """

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    model: str
    model_version: str
    alias: str
    run_id: str
    bundle_sha256: str | None
    bundle_path: str | None
    traceparent: str | None = None
    moved: Moved | None = None
    held: Held | None = None


class Registry(Protocol):
    """MLflow's registry; every adapter raises OutageError while it is away."""

    async def champions(self) -> list[Champion]:
        """Every registered model's version that the alias points at."""

    async def bundle(self, champion: Champion) -> bytes:
        """The serving bundle of a version; FileNotFoundError when there is none."""

    async def refuse(self, champion: Champion, reason: str) -> None:
        """Write on the version why it is not served."""

    async def call_back(self, url: str, secret: str) -> None:
        """Have the registry call `url` at every move of an alias; repeating is harmless."""

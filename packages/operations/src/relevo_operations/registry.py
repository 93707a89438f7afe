"""The port through which a person's deeds reach the model registry."""

from typing import Protocol

from pydantic import BaseModel, ConfigDict

from relevo_contracts.registry_notes import Held, Moved


class RegisteredModel(BaseModel):
    """A model as the registry keeps it; champion: the version under the alias."""

    model_config = ConfigDict(frozen=True)

    name: str
    champion: str | None
    held: Held | None = None


class Version(BaseModel):
    """A registered version; refused: why the registry-watcher did not promote it.

    held_back: why it did not, unless a person says so.
    """

    model_config = ConfigDict(frozen=True)

    number: str
    bundle_sha256: str | None
    refused: str | None = None
    held_back: str | None = None


class Registry(Protocol):
    """MLflow's registry; every adapter raises OutageError while it is away."""

    async def models(self) -> list[RegisteredModel]:
        """All registered models by name."""

    async def model(self, name: str) -> RegisteredModel | None:
        """The model of that name."""

    async def version(self, model: str, number: str) -> Version | None:
        """A version of the model."""

    async def move(self, model: str, moved: Moved) -> None:
        """Note who moves the alias and why, then move it to `moved.version`."""

    async def hold(self, model: str, held: Held | None) -> None:
        """Note that a person holds the model; None: nobody does."""

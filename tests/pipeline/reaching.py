"""What tests ask of a platform, wherever it runs: by its addresses alone."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
from mlflow import MlflowClient

from relevo.example import example_of
from relevo_contracts.registry_tags import Tag
from relevo_contracts.results import Promotion, Stage, StageResult
from relevo_local.platform import Addresses
from relevo_storage import open_catalog

MODEL = "diabetes130"
EXAMPLE_REQUEST = example_of(MODEL)


def until(
    condition: Callable[[], bool], *, seconds: float, what: str | Callable[[], str]
) -> None:
    """Poll until the condition holds; fail with `what` when it does not.

    what: a function where it says how things are then, not before the waiting.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            told = what if isinstance(what, str) else what()
            raise AssertionError(f"after {seconds:g} s: {told}")
        time.sleep(0.05)


class ReachedPlatform:
    """A platform at its addresses."""

    addresses: Addresses

    def __init__(self) -> None:
        self.client = httpx.Client(timeout=10)

    def told(self) -> str:
        """What it has said lately, for the message of a failure."""
        raise NotImplementedError

    def predict(self, pod: str) -> dict[str, Any]:
        """The answer of a pod to the example request."""
        answer = self.client.post(f"{pod}/predict", json=EXAMPLE_REQUEST)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def versions(self) -> list[str]:
        """The version that each pod answers with; "none" without a model, or "away"."""
        return [self._version(pod) for pod in self.addresses.inference]

    def _version(self, pod: str) -> str:
        try:
            answer = self.client.post(f"{pod}/predict", json=EXAMPLE_REQUEST)
        except httpx.TransportError:
            return "away"
        return str(answer.json()["model_version"]) if answer.is_success else "none"

    def until_served(self, version: str, *, seconds: float) -> None:
        """Return when every pod answers with that version."""
        until(
            lambda: set(self.versions()) == {version},
            seconds=seconds,
            what=lambda: f"not every pod answers with version {version}: {self.versions()}",
        )

    async def results(self, stage: Stage) -> list[StageResult]:
        """What the catalog holds of a stage."""
        async with open_catalog(self.addresses.catalog) as catalog:
            return await catalog.results(MODEL, stage)

    async def promotions(self) -> list[Promotion]:
        """The history of promotions."""
        async with open_catalog(self.addresses.catalog) as catalog:
            return await catalog.promotions(MODEL)

    async def until_promoted(self, times: int, *, seconds: float) -> list[Promotion]:
        """The history when it has that many entries: a verdict is there before it."""
        deadline = time.monotonic() + seconds
        while len(history := await self.promotions()) < times:
            assert time.monotonic() < deadline, f"{len(history)} promotions, not {times}"
            await asyncio.sleep(0.2)
        return history

    async def until_recorded(self, version: str, *, seconds: float) -> None:
        """Return when the history ends with that version: the alias moves before it."""
        deadline = time.monotonic() + seconds
        while (history := await self.promotions())[-1].model_version != version:
            last = history[-1].model_version
            assert time.monotonic() < deadline, f"{last} was promoted last, not {version}"
            await asyncio.sleep(0.2)

    async def until_trained(self, number: int, *, seconds: float) -> None:
        """Return when that many batches are trained; `seconds` for each of them."""
        async with open_catalog(self.addresses.catalog) as catalog:
            trained, deadline = 0, time.monotonic() + seconds
            while trained < number:
                assert time.monotonic() < deadline, (
                    f"batch {trained + 1} is not trained after {seconds} s:\n{self.told()}"
                )
                await asyncio.sleep(0.1)
                before, trained = trained, len(await catalog.results(MODEL, Stage.TRAINED))
                if trained > before:
                    deadline = time.monotonic() + seconds


def until_in_training(client: MlflowClient, *, seconds: float) -> int:
    """The number of the batch whose training is being logged, as soon as there is one."""
    found: list[str] = []

    def looks() -> bool:
        experiments = [each.experiment_id for each in client.search_experiments()]
        runs = client.search_runs(
            experiments,
            f"attributes.status = 'RUNNING' AND tags.`{Tag.BATCH_ID}` LIKE '{MODEL}-%'",
        )
        found[:] = [run.data.tags[Tag.BATCH_ID] for run in runs]
        return bool(found)

    until(looks, seconds=seconds, what="the trainer logs no run that one could interrupt")
    return int(found[0].removeprefix(f"{MODEL}-"))

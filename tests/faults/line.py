"""The batches of one dataset on their way through the platform."""

import asyncio
import time
from collections.abc import Callable, Iterable

import asyncpg
import httpx
import requests
from aiokafka.errors import KafkaError
from minio.error import MinioException
from mlflow.exceptions import MlflowException
from urllib3.exceptions import HTTPError

from relevo_contracts import OutageError
from relevo_contracts.batches import batch_id
from relevo_contracts.results import Stage
from tests.faults.invariants import broken, broken_though_lost, unfinished
from tests.faults.platform import Faulty
from tests.faults.seeing import Seen, progress_of, seen_of
from tests.faults.tables import Batch, batch
from tests.pipeline.reaching import until

AWAY = (
    OutageError,
    KafkaError,
    OSError,
    asyncpg.PostgresError,
    httpx.HTTPError,
    HTTPError,
    MinioException,
    MlflowException,
    requests.RequestException,
)
"""What looking raises while something is away."""


class Line:
    """Offers batches, and knows how far each of them should come."""

    def __init__(self, faulty: Faulty, dataset: str) -> None:
        self.dataset = dataset
        self.offered: dict[int, Stage] = {}
        self.refused: list[str] = []
        self._faulty = faulty

    def offer(
        self,
        make: Callable[[int], Batch] = batch,
        *,
        refused_at: Stage | None = None,
        number: int | None = None,
    ) -> None:
        """Release the next batch. refused_at: the stage after which it is a dead letter."""
        number = number or max(self.offered, default=0) + 1
        self.offered[number] = refused_at or Stage.TRAINED
        if refused_at:
            self.refused.append(batch_id(self.dataset, number))
        self._faulty.source.offer(self.dataset, make(number))

    def until_quiet(self, *, seconds: float) -> float:
        """Return when every batch has its verdict and every pod its model.

        Answers how long it took; fails with what is still to come.
        """
        began = time.monotonic()
        while left := self._left():
            assert time.monotonic() - began < seconds, f"{self.dataset}: {left}"
            time.sleep(0.2)
        return time.monotonic() - began

    def until_learned(self, number: int, *, seconds: float) -> None:
        """Return when a model came of the batch, however it was held before."""
        until(
            lambda: number in self._learned(),
            seconds=seconds,
            what=lambda: f"{self.dataset}: of {number} not, of {self._learned()}",
        )

    def assert_once(self) -> None:
        """Fail with every invariant that is broken."""
        self._assert_none(broken(self._seen(), self.offered, dead=self.refused))

    def assert_once_though_lost(self) -> None:
        """The same after something was lost: what has to hold then."""
        self._assert_none(broken_though_lost(self._seen(), self.offered))

    def champion(self) -> str | None:
        """The version under the alias."""
        return asyncio.run(progress_of(self._faulty.addresses, self.dataset)).alias

    def _seen(self) -> Seen:
        return asyncio.run(seen_of(self._faulty.addresses, self.dataset))

    def _assert_none(self, broken: Iterable[str]) -> None:
        if found := list(broken):
            raise AssertionError("\n".join([f"{self.dataset}:", *found]))

    def _learned(self) -> set[int]:
        try:
            progress = asyncio.run(progress_of(self._faulty.addresses, self.dataset))
        except AWAY:
            return set()
        trained = progress.results[Stage.TRAINED]
        return {each.number for each in trained if each.verdict.is_of_a_model}

    def _left(self) -> list[str]:
        try:
            progress = asyncio.run(progress_of(self._faulty.addresses, self.dataset))
        except AWAY as error:
            return [repr(error)]
        return list(unfinished(progress, self.offered))


Lines = Callable[[str], Line]
Note = Callable[[str, object], None]
"""Keeps a figure by its name: pytest's record_property."""

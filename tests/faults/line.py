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
from tests.faults.invariants import broken, unfinished
from tests.faults.platform import Faulty
from tests.faults.seeing import progress_of, seen_of
from tests.faults.tables import batch

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
    """Offers batches, and knows which there should be by now."""

    def __init__(self, faulty: Faulty, dataset: str) -> None:
        self.dataset = dataset
        self.offered: list[int] = []
        self._faulty = faulty

    def offer(self, count: int = 1) -> list[int]:
        """Release the next batches; their numbers."""
        start = len(self.offered) + 1
        numbers = list(range(start, start + count))
        self._faulty.source.offer(self.dataset, *(batch(number) for number in numbers))
        self.offered += numbers
        return numbers

    def until_quiet(self, *, seconds: float) -> float:
        """Return when every batch has its verdict and every pod its model.

        Answers how long it took; fails with what is still to come.
        """
        began = time.monotonic()
        left = ["nothing could be seen"]
        while left:
            assert time.monotonic() - began < seconds, f"{self.dataset}: {left}"
            try:
                progress = asyncio.run(progress_of(self._faulty.addresses, self.dataset))
            except AWAY as error:
                left = [repr(error)]
            else:
                left = list(unfinished(progress, self.offered))
            time.sleep(0.2 if left else 0)
        return time.monotonic() - began

    def assert_once(self, *, dead: Iterable[str] = ()) -> None:
        """Fail with every invariant that is broken."""
        seen = asyncio.run(seen_of(self._faulty.addresses, self.dataset))
        assert list(broken(seen, self.offered, dead=list(dead))) == []


Lines = Callable[[str], Line]

"""Callers of the one door: so many requests a second, each of them counted."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from tests.pipeline.reaching import EXAMPLE_REQUEST

A_SECOND = 50


class Calls:
    """What came of each request so far."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.url = url
        self.headers = headers
        self.versions: Counter[str] = Counter()
        self.failed: list[str] = []
        self._end = threading.Event()

    @property
    def answered(self) -> int:
        return self.versions.total()

    def end(self) -> None:
        """No more of them; those on their way are waited for."""
        self._end.set()

    async def go_on(self) -> None:
        """Half of them open a connection of their own, half share those that there are."""
        alone = httpx.Limits(max_keepalive_connections=0)
        async with (
            httpx.AsyncClient(timeout=10, headers=self.headers) as shared,
            httpx.AsyncClient(timeout=10, headers=self.headers, limits=alone) as single,
            asyncio.TaskGroup() as tasks,
        ):
            number = 0
            while not self._end.is_set():
                tasks.create_task(self._call(single if number % 2 else shared))
                number += 1
                await asyncio.sleep(1 / A_SECOND)

    async def _call(self, client: httpx.AsyncClient) -> None:
        try:
            answer = await client.post(f"{self.url}/predict", json=EXAMPLE_REQUEST)
        except httpx.HTTPError as error:
            self.failed.append(repr(error))
            return
        if answer.is_success:
            self.versions[str(answer.json()["model_version"])] += 1
        else:
            self.failed.append(f"{answer.status_code} {answer.text}")


@contextmanager
def calling(url: str, headers: Mapping[str, str]) -> Iterator[Calls]:
    """Callers for as long as the block lasts."""
    calls = Calls(url, headers)
    thread = threading.Thread(target=lambda: asyncio.run(calls.go_on()))
    thread.start()
    try:
        yield calls
    finally:
        calls.end()
        thread.join(30)

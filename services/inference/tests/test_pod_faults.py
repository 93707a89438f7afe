"""What a pod is told wrongly, or cannot reach, disturbs neither its model nor another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from relevo_runtime.testing import eventually

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]

World = Any


async def test_a_wrong_bundle_is_refused_and_told_and_a_reload_tries_it_again(
    world: World, example: dict[str, Any]
) -> None:
    async with world.pod("pod") as pod:
        for version in (1, 2):
            await world.promotes(version)
            await pod.serves(version)
        golden = world.promote(3).manifest.golden[0]
        wrong = golden.model_copy(update={"answer": (0.123,)})
        await world.promotes(3, manifest={"golden": (wrong,)})

        async def is_told() -> bool:
            return len(await world.served()) >= 3

        await eventually(is_told, "the refusal is announced")
        fact, _ = (await world.served())[-1]
        info = (await pod.client.get("/model-info")).json()
        page = (await pod.client.get("/metrics")).text
        again = (await pod.client.post("/reload_model")).json()
        answer = (await pod.client.post("/predict", json=example)).json()

    assert (fact.outcome, fact.model_version, fact.serving_version) == ("refused", "3", "2")
    assert "golden rows differ" in (fact.reason or "")
    assert (info["model_version"], info["refused"]["model_version"]) == ("2", "3")
    assert info["refused"]["reason"] == fact.reason
    assert info["previous"]["model_version"] == "1"
    refused = f'inference_swaps_total{{model="{world.model}",outcome="refused"}} 1.0'
    assert refused in page
    assert (again["status"], again["model_version"]) == ("refused", "2")
    assert answer["model_version"] == "2"


async def test_a_reload_reads_every_promotion_again_and_no_older_one_wins(
    world: World,
) -> None:
    async with world.pod("pod") as pod:
        for version in (1, 2, 3):
            await world.promotes(version)
        await pod.serves(3)

        facts = (await pod.client.post("/reload-model")).json()

        assert (facts["status"], facts["message"]) == (
            "unchanged",
            "already serving version 3",
        )
        assert await pod.version() == "3"


async def test_a_model_that_comes_later_is_served_beside_the_first(
    world: World, example: dict[str, Any]
) -> None:
    other = f"{world.model}-other"
    async with world.pod("pod", INFERENCE_MODELS=f"{world.model},*") as pod:
        await world.promotes(1)
        await pod.serves(1)
        assert (await pod.client.get("/ready")).status_code == 200
        answer = await pod.client.post(f"/models/{other}/predict", json=example)
        assert answer.status_code == 404

        await world.promotes(5, model=other)
        for version in (2, 3):
            await world.promotes(version)
        await pod.serves(3)
        await eventually(lambda: answers(pod, other), "the other serves too", seconds=30)
        row = await pod.client.post(f"/models/{other}/predict", json=example)
        info = (await pod.client.get(f"/models/{other}")).json()

        assert (row.json()["model_name"], row.json()["model_version"]) == (other, "5")
        assert (info["model_name"], info["model_version"]) == (other, "5")
        assert info["previous"] is None


async def answers(pod: Any, model: str) -> bool:
    return bool((await pod.client.get(f"/models/{model}")).status_code == 200)


async def test_while_the_store_is_away_the_old_version_answers_and_then_the_new_one(
    world: World, example: dict[str, Any]
) -> None:
    async with (
        relayed(world.environment["S3_ENDPOINT_URL"]) as relay,
        world.pod("pod", S3_ENDPOINT_URL=relay.url) as pod,
    ):
        await world.promotes(1)
        await pod.serves(1)
        await relay.cut()
        await world.promotes(2)
        waits = 'relevo_runtime_waiting_since_seconds{what="the object store"}'

        async def is_waiting() -> bool:
            return waits in (await pod.client.get("/metrics")).text

        await eventually(is_waiting, "the pod waits for the store", seconds=40)
        during = (await pod.client.post("/predict", json=example)).json()
        assert during["model_version"] == "1"
        assert (await pod.client.get("/ready")).status_code == 200

        await relay.mend()
        await pod.serves(2)


@dataclass
class Relay:
    """A door to a server, which can be shut: connections are cut, new ones refused."""

    host: str
    target: int
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def mend(self) -> None:
        self._open: set[asyncio.StreamWriter] = set()
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        self._server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        far_reader, far_writer = await asyncio.open_connection(self.host, self.target)
        self._open |= {writer, far_writer}
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def relayed(url: str) -> AsyncIterator[Relay]:
    address = urlsplit(url)
    assert address.hostname is not None
    assert address.port is not None
    relay = Relay(address.hostname, address.port)
    await relay.mend()
    try:
        yield relay
    finally:
        await relay.cut()

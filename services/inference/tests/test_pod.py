"""A pod as a process, with a real Kafka and a real object store."""

import asyncio
import os
import re
import signal
import socket
import sys
import uuid
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from relevo_contracts import Envelope, ModelServed, SourceSeen, Topic
from relevo_local.addresses import S3Address
from relevo_local.ports import free_port
from relevo_runtime.testing import Probe, eventually, open_probe
from relevo_runtime.topics import create_topics
from relevo_storage import MinioStore, open_store

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]

Promote = Callable[..., Any]


@dataclass
class World:
    """The broker, the store, and a model that only this test has."""

    environment: Mapping[str, str]
    store: MinioStore
    probe: Probe
    model: str
    promote: Promote

    async def promotes(self, version: int, **changes: Any) -> Any:
        """The registry-watcher's part: the bundle is stored, then told."""
        promoted = self.promote(version, **{"model": self.model, **changes})
        event = promoted.promotion.event
        await self.store.put(event.bundle.key, promoted.content)
        await self.probe.send(event, cause=uuid.uuid4().hex)
        return promoted

    async def served(self) -> list[tuple[ModelServed, Envelope]]:
        """What the pods of this model have announced."""
        records = await self.probe.records(Topic.MODEL_SERVED)
        facts = [
            (
                ModelServed.model_validate_json(each.value),
                Envelope.from_headers(each.headers),
            )
            for each in records
        ]
        return [each for each in facts if each[0].model == self.model]


@pytest.fixture
async def world(
    kafka: str, s3: S3Address, promote: Promote, tmp_path: Path
) -> AsyncIterator[World]:
    await create_topics(kafka)
    model = f"m-{uuid.uuid4().hex[:12]}"
    environment = {
        "PATH": os.defpath,
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "S3_ENDPOINT_URL": s3.endpoint_url,
        "S3_ACCESS_KEY": s3.access_key,
        "S3_SECRET_KEY": s3.secret_key,
        "S3_BUCKET": s3.bucket,
        "INFERENCE_MODELS": model,
    }
    async with (
        open_store(
            endpoint_url=s3.endpoint_url,
            access_key=s3.access_key,
            secret_key=s3.secret_key,
            bucket=s3.bucket,
        ) as store,
        open_probe(kafka) as probe,
    ):
        yield World(environment, store, probe, model, promote)


@dataclass
class Pod:
    """A running process and a client of it."""

    process: Process
    client: httpx.AsyncClient

    async def version(self) -> str | None:
        try:
            health = (await self.client.get("/health")).json()
        except httpx.TransportError:
            return None
        version: str | None = health["model_version"]
        return version

    async def serves(self, version: int) -> None:
        async def is_so() -> bool:
            return await self.version() == str(version)

        await eventually(is_so, f"the pod serves version {version}", seconds=60)


@asynccontextmanager
async def running(
    world: World, name: str, *, at: int | None = None, **changes: str
) -> AsyncIterator[Pod]:
    port = at or free_port()
    environment = {**world.environment, "INFERENCE_POD": name, "HTTP_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "inference"), env=environment | changes
    )
    address = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=address, timeout=20) as client:
            pod = Pod(process, client)
            await eventually(lambda: answers(client), "the pod lives", seconds=60)
            yield pod
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health")).status_code == 200
    except httpx.TransportError:
        return False


async def test_a_promoted_model_answers_the_next_request_in_every_pod(
    world: World, example: dict[str, Any]
) -> None:
    async with running(world, "pod-a") as one, running(world, "pod-b") as two:
        assert (await one.client.get("/ready")).status_code == 503
        for version in (1, 2, 1):
            promoted = await world.promotes(version)
            for pod in (one, two):
                await pod.serves(version)
                assert (await pod.client.get("/ready")).status_code == 200
                facts = (await pod.client.post("/predict", json=example)).json()
                assert facts["model_version"] == str(version)
                assert facts["probability"] == pytest.approx(promoted.probability)

        async def all_told() -> bool:
            return len(await world.served()) >= 6

        await eventually(all_told, "six announcements")
        served = await world.served()
        for pod_name in ("pod-a", "pod-b"):
            own = [fact.serving_version for fact, _ in served if fact.pod == pod_name]
            assert own == ["1", "2", "1"]
        assert len({envelope.id for _, envelope in served}) == 6


async def test_a_new_pod_starts_with_the_newest_promotion_and_tells_no_older_one(
    world: World,
) -> None:
    for version in (1, 2, 3):
        await world.promotes(version)

    async with running(world, "pod-late") as pod:
        await pod.serves(3)

    assert [fact.model_version for fact, _ in await world.served()] == ["3"]


async def test_a_pod_lives_while_kafka_is_not_there_yet(world: World) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        async with running(world, "pod", KAFKA_BOOTSTRAP_SERVERS=address) as pod:
            answer = await pod.client.get("/ready")

            assert answer.status_code == 503
            assert "no model answers: starting" in answer.json()["detail"]


async def test_no_request_fails_or_goes_back_while_twenty_promotions_pass(
    world: World, example: dict[str, Any]
) -> None:
    async with running(world, "pod") as pod:
        first = await world.promotes(1)
        answers = {1: first.probability}
        await pod.serves(1)
        seen: list[list[int]] = [[] for _ in range(4)]
        done = asyncio.Event()

        async def call(own: list[int]) -> None:
            async with httpx.AsyncClient(base_url=pod.client.base_url) as client:
                while not done.is_set():
                    answer = await client.post("/predict", json=example)
                    assert answer.status_code == 200, answer.text
                    facts = answer.json()
                    own.append(int(facts["model_version"]))
                    assert facts["probability"] == pytest.approx(answers[own[-1]])

        async with asyncio.TaskGroup() as callers:
            for own in seen:
                callers.create_task(call(own))
            for version in range(2, 22):
                expected = world.promote(version, model=world.model)
                answers[version] = expected.probability
                await world.promotes(version)
                await pod.serves(version)
            done.set()

        for own in seen:
            assert own == sorted(own)
            assert len(set(own)) > 3


async def test_a_pod_ends_in_order_when_it_is_told_to(world: World) -> None:
    async with running(world, "pod") as pod:
        await world.promotes(1)
        await pod.serves(1)
        pod.process.send_signal(signal.SIGTERM)

        async with asyncio.timeout(15):
            assert await pod.process.wait() in {0, -signal.SIGTERM}


async def test_a_pod_shows_in_its_metrics_what_it_serves(world: World) -> None:
    async with running(world, "pod") as pod:
        for version in (1, 2):
            await world.promotes(version)
            await pod.serves(version)
        page = (await pod.client.get("/metrics")).text

    info = re.findall(r"^relevo_inference_serving_info\{(.*)\} 1\.0$", page, re.MULTILINE)
    assert info == [f'model="{world.model}",model_version="2",pod="pod"']
    swaps = f'relevo_inference_swaps_total{{model="{world.model}",outcome="served"}} 2.0'
    assert swaps in page
    assert "relevo_inference_swap_duration_seconds_count 2.0" in page


async def test_a_wrong_bundle_is_refused_and_told_and_a_reload_tries_it_again(
    world: World, example: dict[str, Any]
) -> None:
    async with running(world, "pod") as pod:
        for version in (1, 2):
            await world.promotes(version)
            await pod.serves(version)
        golden = world.promote(3).manifest.golden[0]
        wrong = golden.model_copy(update={"probability": 0.123})
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
    async with running(world, "pod") as pod:
        for version in (1, 2, 3):
            await world.promotes(version)
        await pod.serves(3)

        facts = (await pod.client.post("/reload-model")).json()

        assert (facts["status"], facts["message"]) == (
            "unchanged",
            "already serving version 3",
        )
        assert await pod.version() == "3"


async def test_while_the_store_is_away_the_old_version_answers_and_then_the_new_one(
    world: World, example: dict[str, Any]
) -> None:
    async with (
        relayed(world.environment["S3_ENDPOINT_URL"]) as relay,
        running(world, "pod", S3_ENDPOINT_URL=relay.url) as pod,
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


async def test_two_models_of_one_pod_do_not_disturb_each_other(world: World) -> None:
    other = f"{world.model}-other"
    async with running(world, "pod", INFERENCE_MODELS=f"{world.model},{other}") as pod:
        await world.promotes(1)
        await pod.serves(1)
        ready = await pod.client.get("/ready")
        assert ready.status_code == 503
        assert f"no promotion of {other} yet" in ready.json()["detail"]

        await world.promotes(5, model=other)
        for version in (2, 3):
            await world.promotes(version)
        await pod.serves(3)
        await eventually(lambda: is_ready(pod), "both serve")
        info = (await pod.client.get(f"/models/{other}")).json()

        assert (info["model_name"], info["model_version"]) == (other, "5")
        assert info["previous"] is None


async def is_ready(pod: Pod) -> bool:
    return (await pod.client.get("/ready")).status_code == 200


class Balancer:
    """Sends each request to a pod that says it is ready, as a Kubernetes service does.

    It tries another pod when a connection is refused, and for no other reason.
    """

    def __init__(self, ports: list[int]) -> None:
        self.ready = dict.fromkeys(ports, False)
        self.answered = 0

    async def watch(self) -> None:
        async with httpx.AsyncClient(timeout=5) as client:
            while True:
                for port in self.ready:
                    try:
                        answer = await client.get(f"http://127.0.0.1:{port}/ready")
                    except httpx.TransportError:
                        self.ready[port] = False
                    else:
                        self.ready[port] = answer.status_code == 200
                await asyncio.sleep(0.1)

    async def call(self, row: dict[str, Any], done: asyncio.Event) -> None:
        turn = 0
        async with httpx.AsyncClient(timeout=20) as client:
            while not done.is_set():
                ports = [port for port, is_ready in self.ready.items() if is_ready]
                assert ports, "a pod is always ready"
                turn += 1
                url = f"http://127.0.0.1:{ports[turn % len(ports)]}/predict"
                try:
                    answer = await client.post(url, json=row)
                except httpx.ConnectError:
                    continue
                assert answer.status_code == 200, answer.text
                self.answered += 1


async def test_no_request_fails_while_two_pods_are_restarted_one_after_the_other(
    world: World, example: dict[str, Any]
) -> None:
    await world.promotes(1)
    ports = [free_port(), free_port()]
    balancer, done = Balancer(ports), asyncio.Event()
    delay = {"STOP_DELAY_SECONDS": "1"}
    async with AsyncExitStack() as pods, asyncio.TaskGroup() as callers:

        async def start(port: int) -> Pod:
            pod = await pods.enter_async_context(
                running(world, f"pod-{port}", at=port, **delay)
            )
            await eventually(lambda: balancer.ready[port], "it is ready", seconds=60)
            return pod

        watching = callers.create_task(balancer.watch())
        one, two = await start(ports[0]), await start(ports[1])
        calls = [callers.create_task(balancer.call(example, done)) for _ in range(4)]
        for pod, port in ((one, ports[0]), (two, ports[1])):
            before = balancer.answered
            pod.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(20):
                assert await pod.process.wait() in {0, -signal.SIGTERM}
            await start(port)
            assert balancer.answered > before + 100
        done.set()
        await asyncio.gather(*calls)
        watching.cancel()


async def test_a_pod_hears_whether_the_data_source_is_available(world: World) -> None:
    now = datetime.now(UTC)
    seen = SourceSeen(
        source=world.model,
        status="unavailable",
        since=now,
        seen_at=now,
        valid_until=now + timedelta(minutes=1),
    )
    async with running(world, "pod") as pod:
        await world.probe.send(seen)

        async def is_told() -> bool:
            health = (await pod.client.get("/health")).json()
            return bool(health["source_status"] == "unavailable")

        await eventually(is_told, "the pod tells it", seconds=30)
    # the others share the broker
    await world.probe.send(seen.model_copy(update={"valid_until": now}))

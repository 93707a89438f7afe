"""A pod as a process, with a real Kafka and a real object store."""

import asyncio
import re
import signal
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from relevo_contracts import SourceSeen
from relevo_runtime.testing import eventually

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]

World = Any


async def test_a_promoted_model_answers_the_next_request_in_every_pod(
    world: World, example: dict[str, Any]
) -> None:
    async with world.pod("pod-a") as one, world.pod("pod-b") as two:
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

    async with world.pod("pod-late") as pod:
        await pod.serves(3)

    assert [fact.model_version for fact, _ in await world.served()] == ["3"]


async def test_a_pod_lives_while_kafka_is_not_there_yet(world: World) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        async with world.pod("pod", KAFKA_BOOTSTRAP_SERVERS=address) as pod:
            answer = await pod.client.get("/ready")

            assert answer.status_code == 503
            assert "no model answers: starting" in answer.json()["detail"]


async def test_no_request_fails_or_goes_back_while_twenty_promotions_pass(
    world: World, example: dict[str, Any]
) -> None:
    async with world.pod("pod") as pod:
        first = await world.promotes(1)
        answers = {1: first.probability}
        await pod.serves(1)
        seen: list[list[int]] = [[] for _ in range(6)]
        done = asyncio.Event()

        async def call(path: str, body: object, own: list[int]) -> None:
            """On one connection, which is kept; a batch is answered by one version."""
            async with httpx.AsyncClient(base_url=pod.client.base_url) as client:
                while not done.is_set():
                    answer = await client.post(path, json=body)
                    assert answer.status_code == 200, answer.text
                    facts = answer.json()
                    own.append(int(facts["model_version"]))
                    for each in facts.get("predictions", [facts]):
                        assert abs(each["probability"] - answers[own[-1]]) < 1e-12

        async with asyncio.TaskGroup() as callers:
            for own in seen[:4]:
                callers.create_task(call("/predict", example, own))
            for own in seen[4:]:
                callers.create_task(call("/predict_batch", [example] * 5, own))
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
    async with world.pod("pod") as pod:
        await world.promotes(1)
        await pod.serves(1)
        pod.process.send_signal(signal.SIGTERM)

        async with asyncio.timeout(15):
            assert await pod.process.wait() in {0, -signal.SIGTERM}


async def test_a_pod_shows_in_its_metrics_what_it_serves(world: World) -> None:
    async with world.pod("pod") as pod:
        for version in (1, 2):
            await world.promotes(version)
            await pod.serves(version)
        page = (await pod.client.get("/metrics")).text

    info = re.findall(r"^relevo_inference_serving_info\{(.*)\} 1\.0$", page, re.MULTILINE)
    assert info == [f'model="{world.model}",model_version="2",pod="pod"']
    swaps = f'relevo_inference_swaps_total{{model="{world.model}",outcome="served"}} 2.0'
    assert swaps in page
    assert f'swap_duration_seconds_count{{model="{world.model}"}} 2.0' in page


async def test_a_pod_hears_whether_the_data_source_is_available(world: World) -> None:
    now = datetime.now(UTC)
    seen = SourceSeen(
        source=world.model,
        status="unavailable",
        since=now,
        seen_at=now,
        valid_until=now + timedelta(minutes=1),
    )
    async with world.pod("pod") as pod:
        await world.probe.send(seen)

        async def is_told() -> bool:
            health = (await pod.client.get("/health")).json()
            return bool(health["source_status"] == "unavailable")

        await eventually(is_told, "the pod tells it", seconds=30)
    # the others share the broker
    await world.probe.send(seen.model_copy(update={"valid_until": now}))

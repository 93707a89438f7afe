"""Callers of older servers ask for a reload: what should serve is read anew, in time."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from inference.door.overload import MOST_RELOADS
from inference.duty.loading import load
from inference.duty.slots import Slots
from inference.handlers import PromotionHandler, build_handler, hear_what_was_missed
from relevo_contracts import OutageError
from relevo_runtime.testing import eventually

Promote = Callable[..., Any]
Serve = Callable[..., Any]
IsProblem = Callable[[httpx.Response, int], dict[str, Any]]


@dataclass
class Broker:
    """What stands in the topic, and a pod that brings each promotion at once."""

    slots: Slots
    standing: list[Any] = field(default_factory=list)
    failing: Exception | None = None
    silent: bool = False
    refusing: str | None = None
    bringing: bool = True
    readers: int = 0
    readings: int = 0
    held: asyncio.Event | None = None

    async def __call__(self) -> None:
        self.readers += 1
        self.readings += 1
        assert self.readers == 1, "one reads after the other"
        standing = [*self.standing]
        await asyncio.sleep(3600 if self.silent else 0)
        if self.held:
            await self.held.wait()
        self.readers -= 1
        if self.failing:
            raise self.failing
        hear = build_handler(self.slots)
        for each in standing:
            told = each.promotion
            await hear(told.event, told.envelope, 0)
        if self.bringing:
            self._bring()

    def _bring(self) -> None:
        for slot in self.slots:
            if slot.newest and slot.news.is_set():
                slot.news.clear()
                if self.refusing:
                    slot.refuse(slot.newest, self.refusing, now=slot.newest.heard)
                else:
                    [own] = [
                        each
                        for each in self.standing
                        if each.promotion.event == slot.newest.event
                    ]
                    model = load(own.content, slot.newest.event)
                    slot.serve(model, slot.newest, now=slot.newest.heard)


@pytest.fixture
def reread(slots: Slots) -> Broker:
    return Broker(slots)


@pytest.fixture
def slots() -> Slots:
    return Slots(["diabetes130", "pima"], pod="pod-1")


@pytest.mark.parametrize("path", ["/reload_model", "/reload-model"])
async def test_a_reload_brings_what_was_not_heard_and_the_next_finds_it(
    client: httpx.AsyncClient, reread: Broker, promote: Promote, path: str
) -> None:
    reread.standing = [promote(1), promote(2)]

    first = (await client.post(path)).json()
    second = (await client.post(path)).json()

    assert (first["status"], first["message"]) == ("reloaded", "now serving version 2")
    assert first["previous_version"] is None
    assert second["status"] == "unchanged"
    assert second["message"] == "already serving version 2"
    assert second["previous_version"] == second["model_version"] == "2"
    assert second["serving_since"] == first["serving_since"]


async def test_a_reload_is_of_the_model_that_is_named(
    client: httpx.AsyncClient, reread: Broker, promote: Promote, is_problem: IsProblem
) -> None:
    reread.standing = [promote(1), promote(2, model="pima")]

    facts = (await client.post("/reload_model?model_name=pima")).json()

    assert (facts["model_name"], facts["model_version"]) == ("pima", "2")
    is_problem(await client.post("/reload_model?model_name=iris"), 404)


async def test_what_was_refused_is_tried_again(
    client: httpx.AsyncClient, reread: Broker, promote: Promote
) -> None:
    reread.standing = [promote(1)]
    await client.post("/reload_model")
    reread.standing.append(promote(2))
    reread.refusing = "it is not in the store"

    refused = await client.post("/reload_model")
    reread.refusing = None
    healed = await client.post("/reload_model")

    assert refused.status_code == 200
    assert refused.json()["status"] == "refused"
    assert refused.json()["model_version"] == "1"
    told = "version 2 of diabetes130 was refused: it is not in the store; version 1 goes on"
    assert refused.json()["message"] == told
    assert (healed.json()["status"], healed.json()["model_version"]) == ("reloaded", "2")


async def test_without_a_broker_the_version_that_serves_goes_on(
    client: httpx.AsyncClient, reread: Broker, serve: Serve, is_problem: IsProblem
) -> None:
    serve(3)
    reread.failing = OutageError("Kafka is away: refused")

    facts = is_problem(answer := await client.post("/reload_model"), 503)

    assert facts["detail"] == "version 3 goes on: Kafka is away: refused"
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    ("silent", "reason"), [(True, "Kafka took over 0.05 s"), (False, "is not here yet")]
)
async def test_who_takes_too_long_is_not_waited_for(
    client: httpx.AsyncClient,
    reread: Broker,
    promote: Promote,
    is_problem: IsProblem,
    monkeypatch: pytest.MonkeyPatch,
    silent: bool,
    reason: str,
) -> None:
    monkeypatch.setattr("inference.door.reloading.READ_SECONDS", 0.05)
    monkeypatch.setattr("inference.door.reloading.SWAP_SECONDS", 0.05)
    reread.standing = [promote(1)]
    reread.silent, reread.bringing = silent, False

    facts = is_problem(await client.post("/reload_model"), 503)

    assert reason in facts["detail"]


async def test_many_callers_share_two_readings_and_close_nothing_else(
    client: httpx.AsyncClient,
    reread: Broker,
    serve: Serve,
    example: dict[str, Any],
    is_problem: IsProblem,
) -> None:
    serve(3)
    reread.held = asyncio.Event()
    async with asyncio.TaskGroup() as callers:
        calls = [callers.create_task(client.post("/reload_model")) for _ in range(300)]
        await eventually(lambda: reread.readers == 1, "one reads")
        answer = await client.post("/predict_batch", json=[example])
        reread.held.set()

    statuses = Counter(call.result().status_code for call in calls)
    assert answer.status_code == 200
    assert statuses == {200: MOST_RELOADS, 503: 300 - MOST_RELOADS}
    assert reread.readings <= 2


async def test_what_a_pod_has_missed_is_heard_on_the_timer_and_nothing_is_heard_twice(
    slots: Slots, promote: Promote
) -> None:
    """The topic was made anew and filled before the pod looked, and it reads on behind."""
    refused, other = promote(2).promotion, promote(1, model="pima").promotion
    slots.default.accept(refused)
    slots.default.refuse(refused, "it is broken", now=0.0)

    async def read(hear: PromotionHandler) -> None:
        for each in (promote(1).promotion, refused, other):
            await hear(each.event, each.envelope, 0)

    mend = hear_what_was_missed(slots, read)

    assert [each async for each in mend()] == ["pima version 1"]
    assert [each async for each in mend()] == []
    assert slots.default.is_refused
    pima = slots.get("pima")
    assert pima is not None
    assert pima.news.is_set()


async def test_who_asks_while_one_reads_hears_of_what_came_meanwhile(
    client: httpx.AsyncClient, reread: Broker, promote: Promote
) -> None:
    reread.standing = [promote(1)]
    reread.held = asyncio.Event()
    async with asyncio.TaskGroup() as callers:
        callers.create_task(client.post("/reload_model"))
        await eventually(lambda: reread.readers == 1, "the first reads")
        reread.standing = [promote(1), promote(2)]
        second = callers.create_task(client.post("/reload_model"))
        await asyncio.sleep(0.02)
        reread.held.set()

    assert second.result().json()["model_version"] == "2"

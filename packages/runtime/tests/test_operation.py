"""The outside of a service, and how it starts, waits and ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.applications import Starlette

from relevo_contracts import OutageError
from relevo_runtime.http import operation
from relevo_runtime.http.life import lifespan
from relevo_runtime.http.operation import Readiness, build_app, operation_routes
from relevo_runtime.testing import eventually


@dataclass
class Service:
    """What a service runs; its start fails as it is told."""

    failing: list[Exception] = field(default_factory=list)
    may_start: asyncio.Event = field(default_factory=asyncio.Event)
    started: int = 0
    ended: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self.may_start.wait()
        if self.failing:
            raise self.failing.pop(0)
        self.started += 1
        yield
        self.ended += 1


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app, which lives meanwhile."""
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


async def is_ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/ready")).status_code == 200


async def test_a_service_that_waits_is_healthy_but_not_ready() -> None:
    service = Service()

    async with served(build_app("relevo-runtime", service.running)) as client:
        health = await client.get("/health")
        waiting = await client.get("/ready")
        service.may_start.set()
        await eventually(lambda: is_ready(client), "it is ready")

    assert health.status_code == 200
    assert health.json() == {
        "status": "ok",
        "service": "relevo-runtime",
        "version": "0.1.0",
    }
    assert waiting.status_code == 503
    assert waiting.json() == {"reason": "starting"}
    assert (service.started, service.ended) == (1, 1)


async def test_a_start_in_an_outage_is_made_again_and_says_what_it_waits_for() -> None:
    service = Service([OutageError("S3"), ConnectionRefusedError("PostgreSQL")])
    service.may_start.set()

    async with served(build_app("cleaner", service.running)) as client:
        await eventually(lambda: not service.failing, "it has failed twice")
        answer = await client.get("/ready")
        assert answer.json() == {"reason": "starting: PostgreSQL"}
        await eventually(lambda: is_ready(client), "it is ready after all")

    assert (service.started, service.ended) == (1, 1)


async def test_a_stop_while_the_start_waits_is_quick() -> None:
    service = Service()

    async with asyncio.timeout(2):
        async with served(build_app("cleaner", service.running)):
            pass

    assert (service.started, service.ended) == (0, 0)


async def test_a_start_with_a_bug_ends_the_process() -> None:
    service, ended, readiness = Service([ValueError("a bug")]), asyncio.Event(), Readiness()
    service.may_start.set()

    async with lifespan(service.running, readiness, on_failure=ended.set)(object()):
        await asyncio.wait_for(ended.wait(), 2)

    assert not readiness.ready
    assert "a bug" in readiness.reason


async def test_a_service_may_say_itself_when_it_is_ready() -> None:
    readiness = Readiness()

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        readiness.wait_for("no model yet")
        yield

    routes = operation_routes(readiness, service="inference")
    app = Starlette(routes=routes, lifespan=lifespan(running, readiness))
    async with served(app) as client:
        await eventually(lambda: readiness.reason == "no model yet", "it has started")
        assert (await client.get("/ready")).json() == {"reason": "no model yet"}
        readiness.is_ready()
        assert await is_ready(client)


async def fails() -> None:
    raise OutageError("the store is away")


async def hangs() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("check", "reason"), [(fails, "the store is away"), (hangs, "no answer within 0.1 s")]
)
async def test_a_check_that_fails_or_hangs_makes_a_service_unready(
    monkeypatch: pytest.MonkeyPatch, check: object, reason: str
) -> None:
    monkeypatch.setattr(operation, "CHECK_SECONDS", 0.1)
    readiness = Readiness()
    readiness.is_ready()
    routes = operation_routes(readiness, fails if check is fails else hangs, service="x")

    async with served(Starlette(routes=routes)) as client:
        answer = await client.get("/ready")

    assert (answer.status_code, answer.json()) == (503, {"reason": reason})


async def test_metrics_are_in_the_text_form_of_prometheus() -> None:
    routes = operation_routes(Readiness(), service="cleaner")

    async with served(Starlette(routes=routes)) as client:
        answer = await client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "relevo_runtime_events_handled_total" in answer.text

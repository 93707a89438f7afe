"""Looks follow each other, whatever happens to the broker."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from lag_watcher.lag import Look
from lag_watcher.looking import Broker
from lag_watcher.watching import watch
from relevo_contracts import OutageError
from relevo_runtime.http.readiness import Readiness
from relevo_runtime.testing import eventually

NOTHING = Look((), {}, ())


class RecordingDisplay:
    """Keeps what was shown, in order, and how ready the service was before."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def show(self, look: Look, *, seconds: float) -> None:
        self.shown.append("look")

    def show_outage(self) -> None:
        self.shown.append("outage")


class Script:
    """What happens at each look; the last of it happens for ever."""

    def __init__(self, *happenings: Exception | Look | None) -> None:
        self._left = list(happenings)
        self.opened = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Broker]:
        self.opened += 1
        yield self  # type: ignore[misc]

    async def look(self, _: Broker) -> Look:
        happening = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        if isinstance(happening, Exception):
            raise happening
        if happening is None:
            await asyncio.Event().wait()
        assert isinstance(happening, Look)
        return happening


@pytest.fixture
def display() -> RecordingDisplay:
    return RecordingDisplay()


@pytest.fixture
def readiness() -> Readiness:
    return Readiness()


@pytest.fixture
def tasks() -> Iterator[list[asyncio.Task[None]]]:
    started: list[asyncio.Task[None]] = []
    yield started
    for task in started:
        task.cancel()


def start(
    script: Script, display: RecordingDisplay, readiness: Readiness
) -> asyncio.Task[None]:
    return asyncio.create_task(
        watch(
            script.open, script.look, display=display, readiness=readiness, interval=0.001
        )
    )


async def test_a_look_that_succeeds_makes_the_service_ready(
    display: RecordingDisplay, readiness: Readiness, tasks: list[asyncio.Task[None]]
) -> None:
    script = Script(NOTHING)
    tasks.append(start(script, display, readiness))

    await eventually(lambda: display.shown[:3] == ["look"] * 3, "three looks")

    assert readiness.ready
    assert script.opened == 1


@pytest.mark.parametrize(
    "trouble", [OutageError("no broker"), ValueError("a bug"), KeyError("another")]
)
async def test_trouble_is_shown_and_everything_is_opened_anew(
    display: RecordingDisplay,
    readiness: Readiness,
    tasks: list[asyncio.Task[None]],
    trouble: Exception,
) -> None:
    script = Script(NOTHING, trouble, trouble, NOTHING)
    tasks.append(start(script, display, readiness))

    await eventually(lambda: len(display.shown) >= 4, "four looks")

    assert display.shown[:4] == ["look", "outage", "outage", "look"]
    assert script.opened == 3
    assert readiness.ready


async def test_during_an_outage_the_service_is_not_ready_and_says_why(
    display: RecordingDisplay, readiness: Readiness, tasks: list[asyncio.Task[None]]
) -> None:
    tasks.append(start(Script(NOTHING, OutageError("no broker")), display, readiness))

    await eventually(lambda: "outage" in display.shown, "the outage is shown")

    assert not readiness.ready
    assert readiness.reason == "Kafka cannot be watched: no broker"


async def test_a_look_that_never_ends_is_given_up(
    display: RecordingDisplay,
    readiness: Readiness,
    tasks: list[asyncio.Task[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lag_watcher.watching.LOOK_SECONDS", 0.05)
    tasks.append(start(Script(None, NOTHING), display, readiness))

    await eventually(lambda: display.shown[:2] == ["outage", "look"], "the next look")

    assert readiness.ready

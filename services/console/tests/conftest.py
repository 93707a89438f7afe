"""A live story of a short day, and the pages over it."""

from collections.abc import AsyncIterator, Callable, Iterable

import httpx
import pytest
from fastapi import FastAPI

from console.live.hub import Board
from console.live.telling import LiveStory
from console.pages import events, now
from console.pages.shell import Frame, Shell
from relevo_contracts.results import Stage, Verdict
from relevo_story.telling import samples
from relevo_story.telling.facts import Fact
from relevo_story.telling.samples import happened, result


def day() -> list[Fact]:
    """A batch whose model two pods serve, and one that the cleaner refused."""
    return [
        samples.released(1),
        samples.schedule(3),
        happened(samples.raw(1)),
        happened(samples.clean(1)),
        result(Stage.TRAINED, 1, Verdict.PROMOTED, after=8.0, seconds=5.0),
        happened(samples.promoted("1", 1)),
        happened(samples.served("pod-1", "1", 1)),
        happened(samples.served("pod-2", "1", 1), offset=1),
        samples.released(2),
        result(Stage.CLEAN, 2, Verdict.REFUSED, after=2, seconds=1, reason="<b>odd</b>"),
        samples.buried(2, "<b>odd</b>"),
    ]


@pytest.fixture
def live_of() -> Callable[[Iterable[Fact]], LiveStory]:
    """A story that was told these facts."""

    def told(facts: Iterable[Fact]) -> LiveStory:
        live = LiveStory([samples.DATASET])
        for fact in facts:
            live.take(fact)
        return live

    return told


@pytest.fixture
def live(live_of: Callable[[Iterable[Fact]], LiveStory]) -> LiveStory:
    return live_of(day())


def is_never_over() -> bool:
    return False


@pytest.fixture
async def client(live: LiveStory) -> AsyncIterator[httpx.AsyncClient]:
    """The pages of that day below a prefix; nothing else runs."""
    shell = Shell("/relevo")
    app = FastAPI()
    app.include_router(now.routes(shell, live, Board("now"), is_never_over))
    app.include_router(events.routes(shell, live, "127.0.0.1:1", is_never_over))
    app.add_middleware(Frame, base="/relevo")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
        yield client

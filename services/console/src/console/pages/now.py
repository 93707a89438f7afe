"""The page `Now`: champions, pods, batches on their way, sources, lag, what is wrong."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, StreamingResponse

from console.live.hub import Board
from console.live.stream import parts_stream
from console.live.telling import LiveStory
from console.pages.shell import Shell
from relevo_contracts import ModelServed
from relevo_story.telling import figures, sentences
from relevo_story.telling.batch import Batch
from relevo_story.telling.champions import Champion
from relevo_story.telling.story import Story

TICK_SECONDS = 0.25
BATCHES_SHOWN = 8
LINES_SHOWN = 14
LATE_SECONDS = 60.0
"""A group that is so far behind is worth a word."""

PARTS = ("champions", "batches", "sources", "lag", "trouble", "lines")


@dataclass(frozen=True)
class Pod:
    """What a pod answers by, of one model; `is_right`: by the version that it should."""

    name: str
    told: ModelServed
    is_right: bool


@dataclass(frozen=True)
class Duty:
    """A champion and the pods that should serve it."""

    champion: Champion
    pods: list[Pod]


def routes(
    shell: Shell, live: LiveStory, board: Board, is_over: Callable[[], bool]
) -> APIRouter:
    """The page and its stream."""
    router = APIRouter()

    def draw() -> Mapping[str, str]:
        return render(shell, live, datetime.now(UTC))

    @router.get("/", response_class=HTMLResponse)
    async def now() -> HTMLResponse:
        return shell.page("now.html", key="now", parts=draw())

    @router.get("/live/now")
    async def stream() -> StreamingResponse:
        return parts_stream(board, draw, is_over)

    return router


async def keep_drawn(shell: Shell, live: LiveStory, board: Board) -> None:
    """Draw what changed, once for all who look, at most four times a second."""
    while True:
        await live.changed.wait()
        live.changed.clear()
        if board.hub.is_heard:
            board.show(render(shell, live, datetime.now(UTC)))
        await asyncio.sleep(TICK_SECONDS)


def render(shell: Shell, live: LiveStory, now: datetime) -> Mapping[str, str]:
    """Every part of the page as it stands."""
    story = live.story
    shown: dict[str, object] = {
        "story": story,
        "duties": duties(story),
        "batches": on_their_way(story),
        "lines": list(live.lines)[: -LINES_SHOWN - 1 : -1],
        "troubles": list(troubles(story, now)),
        "alerts": live.alerts,
        "processes": live.processes,
        "waiting": len(story.buried) + len(story.illegible),
    }
    return {name: shell.part(f"now/{name}.html", **shown) for name in PARTS}


def duties(story: Story) -> list[Duty]:
    """Each champion with the pods that said something of its model."""
    pods: dict[str, list[Pod]] = defaultdict(list)
    should = {champion.model: champion.version for champion in story.champions}
    for name, answers in sorted(story.pods.items()):
        for model, told in answers.items():
            is_right = told.serving_version == should.get(model)
            pods[model].append(Pod(name, told, is_right))
    return [Duty(champion, pods[champion.model]) for champion in story.champions]


def on_their_way(story: Story) -> list[Batch]:
    """The newest batches of all datasets, the newest first."""
    old = datetime.min.replace(tzinfo=UTC)
    batches = sorted(
        story.batches, key=lambda batch: (batch.released_at or old, batch.number)
    )
    return batches[: -BATCHES_SHOWN - 1 : -1]


def troubles(story: Story, now: datetime) -> Iterator[str]:
    """What a person should look at, in words."""
    for name, seen in sorted(story.sources.items()):
        if seen.reason and not seen.asleep_until:
            yield f"the data source of {name} {sentences.source(seen)}"
    for batch in story.undecided:
        yield f"{story.name(batch.id)} {sentences.held(batch.held)}"
    for name, answers in sorted(story.pods.items()):
        for told in answers.values():
            if told.outcome == "refused":
                called = story.called(told.model, told.model_version)
                yield sentences.not_served(told, called=called)
            elif now - told.served_at < timedelta(0):
                yield f"the clock of {name} is ahead of this machine's"
    for lag in story.lags:
        if lag.seconds and lag.seconds > LATE_SECONDS:
            count, age = figures.rows(lag.records), figures.seconds(lag.seconds)
            yield f"{lag.group} is behind on {lag.topic} by {count} records, {age}"

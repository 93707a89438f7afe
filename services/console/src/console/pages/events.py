"""The page `Events`: what stands in the topics, live, and one event with its relatives."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, StreamingResponse

from console.live.stream import as_partials, items_stream
from console.live.telling import LiveStory, Told
from console.pages.records import readable
from console.pages.shell import Shell
from relevo_contracts import Envelope, OutageError, Topic
from relevo_contracts.errors import first_line
from relevo_story.sources.records import Record
from relevo_story.sources.topics import open_reader
from relevo_story.telling.facts import Happened, Place

SHOWN = 100
CONSOLE = (
    "./relevo kafka console-consumer --topic {topic} --partition {partition}"
    " --offset {offset} --max-messages 1 --formatter-property print.headers=true"
)


@dataclass(frozen=True)
class Wish:
    """Which events a person wants to see; empty: whatever it is."""

    topic: Annotated[str, Query()] = ""
    about: Annotated[str, Query(max_length=200)] = ""

    def takes(self, told: Told) -> bool:
        """True for one of them."""
        if self.topic and told.record.place.topic != self.topic:
            return False
        return self.about.lower() in words_of(told)


@dataclass(frozen=True)
class Relative:
    """An event with what followed from it; `is_open`: the one that is looked at."""

    told: Told
    is_open: bool
    effects: list["Relative"] = field(default_factory=list)


def routes(
    shell: Shell, live: LiveStory, kafka: str, is_over: Callable[[], bool]
) -> APIRouter:
    """The page, its stream, and one event."""
    router = APIRouter()
    topics = [topic.value for topic in Topic]

    def rows(items: Iterable[Told], dropped: int = 0) -> str:
        return shell.part("events/rows.html", items=items, dropped=dropped)

    def found(wish: Wish) -> list[Told]:
        return list(islice(filter(wish.takes, live.newest()), SHOWN))

    @router.get("/events", response_class=HTMLResponse)
    async def events(wish: Annotated[Wish, Depends()]) -> HTMLResponse:
        return shell.page(
            "events.html", key="events", wish=wish, topics=topics, items=found(wish)
        )

    @router.get("/live/events")
    async def stream(wish: Annotated[Wish, Depends()]) -> StreamingResponse:
        def newest_first(new: Iterable[Told]) -> str:
            return rows(reversed(list(new)))

        def whole(dropped: int) -> str:
            return as_partials({"rows": rows(found(wish), dropped)})

        return items_stream(live.records, wish.takes, newest_first, whole, is_over)

    @router.get("/events/{topic}/{partition}/{offset}", response_class=HTMLResponse)
    async def event(topic: Topic, partition: int, offset: int) -> HTMLResponse:
        reason = None
        record: Record | None = None
        try:
            async with open_reader(kafka, [topic.value]) as reader:
                record = await reader.at(topic.value, partition, offset)
        except (OutageError, OSError) as error:
            reason = first_line(error)
        place = Place(topic.value, partition, offset)
        told = next((each for each in live.newest() if each.record.place == place), None)
        return shell.page(
            "event.html",
            key="events",
            status=200 if record else 503 if reason else 404,
            record=record and readable(record),
            reason=reason or "nothing lies there (any more): topics keep their days",
            told=told,
            tree=family(told, live.told) if told else None,
            command=CONSOLE.format(**asdict(place)),
            **asdict(place),
        )

    return router


def words_of(told: Told) -> str:
    """What a person may look for: its batch, model, pod, in lower case."""
    record = told.record
    body = record.event.model_dump_json() if isinstance(record, Happened) else ""
    return f"{told.entry.subject} {told.entry.text} {body}".lower()


def family(told: Told, known: Iterable[Told]) -> Relative:
    """All events of the same trace that are known, as causes and effects."""
    opened = envelope_of(told)
    if opened is None:
        return Relative(told, is_open=True)
    found = [(each, envelope) for each in known if (envelope := envelope_of(each))]
    relatives = [each for each in found if each[1].trace_id == opened.trace_id]
    relatives.sort(key=lambda each: each[0].entry.time)
    nodes = {id(each): Relative(each, is_open=each is told) for each, _ in relatives}
    for place, each in enumerate(relatives[1:], start=1):
        cause = cause_of(each, relatives[:place])
        nodes[id(cause)].effects.append(nodes[id(each[0])])
    return nodes[id(relatives[0][0])]


def envelope_of(told: Told) -> Envelope | None:
    """That of an event; None of a dead letter and of what nobody can read."""
    return told.record.envelope if isinstance(told.record, Happened) else None


def cause_of(effect: tuple[Told, Envelope], earlier: list[tuple[Told, Envelope]]) -> Told:
    """The event whose id the other's is derived from; else the last of another topic."""
    told, envelope = effect
    for each, before in reversed(earlier):
        if envelope.follows(before):
            return each
    others = [e for e in earlier if e[0].record.place.topic != told.record.place.topic]
    return (others or earlier)[-1][0]

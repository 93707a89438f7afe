"""`relevo events`: what happened, in order, from all topics."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.text import Text

from relevo.addresses import find_kafka
from relevo.commands.options import Follow, Json, Kafka, State
from relevo.settings import Settings
from relevo.sources.records import Record, to_fact
from relevo.sources.topics import open_reader
from relevo.story.timeline import Entry, Timeline, as_values
from relevo.view.colours import STYLES
from relevo_contracts import Topic

WIDTHS = (8, 6, 16, 11)
"""Of the time, the age, the topic and who it is about."""


def events(
    state: State,
    kafka: Kafka = None,
    follow: Follow = False,
    as_lines_of_json: Json = False,
) -> None:
    """What happened, in order, from all topics."""
    address = find_kafka(Settings(), state=state, kafka=kafka)
    try:
        asyncio.run(_tell(address, follow=follow, is_json=as_lines_of_json))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


async def _tell(kafka: str, *, follow: bool, is_json: bool) -> None:
    console = Console(soft_wrap=True, highlight=False)
    timeline = Timeline()
    count = 0
    async for record in _records(kafka, follow=follow):
        count += 1
        fact = to_fact(record)
        if is_json:
            typer.echo(json.dumps(as_values(fact), ensure_ascii=False))
        else:
            console.print(in_columns(timeline.entry(fact), datetime.now(UTC)))
    if not count and not is_json:
        console.print("nothing has happened yet: the topics are empty")


async def _records(kafka: str, *, follow: bool) -> AsyncIterator[Record]:
    async with open_reader(kafka, [topic.value for topic in Topic]) as reader:
        for record in await reader.history():
            yield record
        while follow:
            for record in await reader.more():
                yield record


def in_columns(entry: Entry, now: datetime) -> Text:
    """One line: time, age, topic, who, what; the batch's way in grey."""
    *fixed, text, way = entry.columns(now)
    padded = [f"{value:<{width}}" for value, width in zip(fixed, WIDTHS, strict=True)]
    time, age, topic, subject = padded
    return Text.assemble(
        (f"{time}  {age.strip():>{WIDTHS[1]}}  ", "dim"),
        (f"{topic}  ", "cyan"),
        (f"{subject}  ", "bold"),
        (text, STYLES[entry.tone]),
        (f"   {way}" if way else "", "dim"),
    )

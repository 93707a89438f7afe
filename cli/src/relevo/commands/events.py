"""`relevo events`: what happened, in order, from all topics."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.text import Text

from relevo.addresses import find, find_kafka
from relevo.commands.options import Follow, Json, Kafka, State
from relevo.settings import Settings
from relevo.view.consoles import STYLES
from relevo_contracts import Topic
from relevo_story.sources.records import Record, to_fact
from relevo_story.sources.topics import open_reader
from relevo_story.telling.story import Story
from relevo_story.telling.timeline import Entry, Timeline, as_values

WIDTHS = (8, 6, 16)
"""Of the time, the age and the topic."""
SUBJECT = 11
"""The least width of who or what it is about."""


def events(
    state: State,
    kafka: Kafka = None,
    follow: Follow = False,
    as_lines_of_json: Json = False,
) -> None:
    """What happened, in order, from all topics."""
    settings = Settings()
    address = find_kafka(settings, state=state, kafka=kafka)
    datasets = find(settings, state=state, kafka=kafka).datasets
    try:
        asyncio.run(_tell(address, datasets, follow=follow, is_json=as_lines_of_json))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


async def _tell(
    kafka: str, datasets: Sequence[str], *, follow: bool, is_json: bool
) -> None:
    console = Console(soft_wrap=True, highlight=False)
    timeline = Timeline(Story(datasets=datasets))
    width = subject_width(datasets)
    count = 0
    async for record in _records(kafka, follow=follow):
        count += 1
        fact = to_fact(record)
        if is_json:
            typer.echo(json.dumps(as_values(fact), ensure_ascii=False))
        else:
            entry = timeline.entry(fact)
            console.print(in_columns(entry, datetime.now(UTC), subject_width=width))
    if not count and not is_json:
        console.print("nothing has happened yet: the topics are empty")


async def _records(kafka: str, *, follow: bool) -> AsyncIterator[Record]:
    async with open_reader(kafka, [topic.value for topic in Topic]) as reader:
        for record in await reader.history():
            yield record
        while follow:
            for record in await reader.more():
                yield record


def subject_width(datasets: Sequence[str]) -> int:
    """Room for the names of several datasets, which are told before their batches."""
    if len(datasets) < 2:
        return SUBJECT
    return max(SUBJECT, *(len(f"{name} batch 10") for name in datasets))


def in_columns(entry: Entry, now: datetime, *, subject_width: int) -> Text:
    """One line: time, age, topic, who, what; the batch's way in grey."""
    *fixed, text, way = entry.columns(now)
    widths = (*WIDTHS, subject_width)
    padded = [f"{value:<{width}}" for value, width in zip(fixed, widths, strict=True)]
    time, age, topic, subject = padded
    return Text.assemble(
        (f"{time}  {age.strip():>{WIDTHS[1]}}  ", "dim"),
        (f"{topic}  ", "cyan"),
        (f"{subject}  ", "bold"),
        (text, STYLES[entry.tone]),
        (f"   {way}" if way else "", "dim"),
    )

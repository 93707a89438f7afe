"""`relevo dead-letters`: what could not be handled, and another chance for it."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from relevo.addresses import find_kafka
from relevo.burial import read_letters, send_again
from relevo.commands.options import Json, Kafka, State, explain
from relevo.errors import CommandError
from relevo.settings import Settings
from relevo.view.consoles import wide_console
from relevo_story.sources.records import to_fact
from relevo_story.sources.topics import dead_topics
from relevo_story.telling import figures
from relevo_story.telling.facts import Buried, Illegible, Place
from relevo_story.telling.timeline import as_values

app = typer.Typer(
    help="What could not be handled, and another chance for it.",
    invoke_without_command=True,
    callback=explain,
    rich_markup_mode=None,
)


@app.command("list")
def list_letters(state: State, kafka: Kafka = None, as_one_json: Json = False) -> None:
    """All dead letters: where each lies, why it died, where it came from."""
    address = find_kafka(Settings(), state=state, kafka=kafka)
    facts = [to_fact(record) for record in asyncio.run(read_letters(address))]
    if as_one_json:
        typer.echo(json.dumps([as_values(fact) for fact in facts], indent=1))
    elif facts:
        letters = [fact for fact in facts if isinstance(fact, Buried | Illegible)]
        wide_console().print(as_table(letters, datetime.now(UTC)))
        typer.echo(
            "`relevo dead-letters send-again TOPIC PARTITION OFFSET` tries one again"
        )
    else:
        typer.echo("no dead letters: everything could be handled")


@app.command("send-again")
def send_one_again(
    topic: Annotated[str, typer.Argument(help="of dead letters, e.g. batch.raw.dead")],
    partition: Annotated[int, typer.Argument(min=0)],
    offset: Annotated[int, typer.Argument(min=0)],
    state: State,
    kafka: Kafka = None,
) -> None:
    """Send the message to the topic it came from: same bytes, key and headers."""
    if topic not in dead_topics():
        known = ", ".join(dead_topics())
        raise CommandError(
            f"{topic!r} is no topic of dead letters; there are: {known}", code=2
        )
    address = find_kafka(Settings(), state=state, kafka=kafka)
    place = Place(topic, partition, offset)
    there = asyncio.run(send_again(address, place))
    typer.echo(f"dead letter {place} was sent again: it is now message {there}")


def as_table(letters: list[Buried | Illegible], now: datetime) -> Table:
    """The letters as people read them; `place` is what send-again takes."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("place", "age", "died in", "came from"):
        table.add_column(title, no_wrap=True, header_style="dim")
    table.add_column("why", overflow="fold", header_style="dim")
    for fact in letters:
        if isinstance(fact, Illegible):
            table.add_row(
                str(fact.place),
                figures.age(fact.time, now),
                "?",
                "?",
                figures.reason(fact.reason),
            )
            continue
        letter = fact.letter
        fetched = letter.partition < 0
        origin = f"{letter.topic} {letter.partition} {letter.offset}"
        table.add_row(
            str(fact.place),
            figures.age(letter.time, now),
            f"{letter.service}, {letter.kind}",
            "the source" if fetched else origin,
            figures.reason(letter.reason),
        )
    return table

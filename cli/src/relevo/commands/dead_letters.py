"""`relevo dead-letters`: what could not be handled, and another chance for it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import JsonValue

from relevo.commands.options import Json, Kafka, State, Who, Why, explain
from relevo.errors import CommandError
from relevo.operating import open_letters, person
from relevo.view.consoles import wide_console
from relevo.view.letters import as_table, whole
from relevo_contracts.actions import Action
from relevo_operations.dead_letters import DeadLetters
from relevo_operations.letters import Letter
from relevo_story.sources.topics import dead_topics

T = TypeVar("T")

app = typer.Typer(
    help="What could not be handled, and another chance for it.",
    invoke_without_command=True,
    callback=explain,
    rich_markup_mode=None,
)
Place = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TOPIC PARTITION OFFSET", help="its place, e.g. batch.raw.dead 0 7"
    ),
]


@app.command("list")
def list_letters(
    state: State,
    kafka: Kafka = None,
    every: Annotated[bool, typer.Option("--all", help="those done with, too")] = False,
    as_one_json: Json = False,
) -> None:
    """The dead letters: where each lies, why it died, what came of it."""
    letters = _with(state, kafka, lambda box: box.letters())
    shown = [letter for letter in letters if every or letter.state != "done"]
    hidden = len(letters) - len(shown)
    if as_one_json:
        typer.echo(json.dumps([as_values(letter) for letter in shown], indent=1))
        return
    if shown:
        wide_console().print(as_table(shown, datetime.now(UTC)))
        typer.echo(
            "`relevo dead-letters show | send-again | done TOPIC PARTITION OFFSET`"
            " is about one of them"
        )
    else:
        typer.echo("no dead letters: everything could be handled, or is done with")
    if hidden:
        typer.echo(f"{hidden} more, done with: --all shows them")


@app.command()
def show(
    state: State, place: Place = None, kafka: Kafka = None, as_one_json: Json = False
) -> None:
    """One dead letter with its headers and its body."""
    wanted = named(place)
    letter = _with(state, kafka, lambda box: box.letter(wanted))
    if as_one_json:
        typer.echo(json.dumps(as_values(letter), indent=1))
    else:
        typer.echo(whole(letter, datetime.now(UTC)))


@app.command("send-again")
def send_again(
    state: State,
    place: Place = None,
    every: Annotated[
        bool, typer.Option("--all", help="all that were not sent again yet")
    ] = False,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="of them those with these words")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would be sent, and send nothing")
    ] = False,
    why: Why = None,
    who: Who = None,
    kafka: Kafka = None,
) -> None:
    """Send messages to the topics they came from: same bytes, key and headers."""
    if bool(place) == (every or reason is not None):
        raise CommandError("name one dead letter by its place, or --all of them", code=2)
    wanted = named(place) if place else None

    async def send(box: DeadLetters) -> tuple[list[Letter], list[Action]]:
        found = [await box.letter(wanted)] if wanted else await box.waiting(reason=reason)
        sent = await box.send_again(found, person(who, why), dry_run=dry_run)
        return found, sent

    found, sent = _with(state, kafka, send)
    for letter in found if dry_run else []:
        typer.echo(f"dead letter {letter.place} would be sent again: {letter.reason}")
    for action in sent:
        typer.echo(action.result)
    if not found:
        typer.echo("nothing was sent: no dead letter is like that and still waits")


@app.command()
def done(
    state: State,
    place: Place = None,
    why: Why = None,
    who: Who = None,
    kafka: Kafka = None,
) -> None:
    """Nothing more is to be done about it: it is not listed any more."""
    wanted = named(place)

    async def end(box: DeadLetters) -> Action:
        return await box.done(await box.letter(wanted), person(who, why))

    typer.echo(_with(state, kafka, end).result)


def named(place: list[str] | None) -> str:
    """A place in one argument or in three. Raises CommandError for anything else."""
    words = " ".join(place or []).split()
    if len(words) != 3 or not all(word.isdigit() for word in words[1:]):
        raise CommandError(
            f"{' '.join(words) or 'nothing'!r} is no place of a dead letter: it takes"
            " TOPIC PARTITION OFFSET, such as batch.raw.dead 0 7",
            code=2,
        )
    if words[0] not in dead_topics():
        known = ", ".join(dead_topics())
        raise CommandError(
            f"{words[0]!r} is no topic of dead letters; there are: {known}", code=2
        )
    return f"{words[0]} {int(words[1])} {int(words[2])}"


def as_values(letter: Letter) -> dict[str, JsonValue]:
    """One letter for a program; bytes that are no text are escaped."""
    record, facts = letter.record, letter.facts
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "kind": "dead-letter" if facts else "illegible",
        "letter": facts.model_dump(mode="json") if facts else None,
        "reason": letter.reason,
        "state": letter.state,
        "story": letter.story,
        "headers": {n: v.decode(errors="backslashreplace") for n, v in record.headers},
        "body": (record.value or b"").decode(errors="backslashreplace"),
    }


def _with(state: Path, kafka: str | None, use: Callable[[DeadLetters], Awaitable[T]]) -> T:
    async def used() -> T:
        async with open_letters(state, kafka) as box:
            return await use(box)

    return asyncio.run(used())

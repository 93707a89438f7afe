"""`relevo batches` and `relevo replay`: what became of batches, and another try of them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from relevo.commands import holding
from relevo.commands.options import (
    BatchesOf,
    BatchNumber,
    Json,
    Kafka,
    State,
    Who,
    Why,
    WhyNeeded,
    explain,
)
from relevo.operating import open_batches, person
from relevo.view.consoles import wide_console
from relevo.view.lines_of_batches import as_table, as_values, whole
from relevo_contracts.results import Stage, StageResult
from relevo_operations.again import Line, told
from relevo_operations.batches import Batches

T = TypeVar("T")

app = typer.Typer(
    help="What each stage made of the batches, and another try for one.",
    invoke_without_command=True,
    callback=explain,
    rich_markup_mode=None,
)


class Station(StrEnum):
    """The stages that a replay may begin at, as one types them."""

    CLEAN = "clean"
    TRAIN = "train"


STAGES = {Station.CLEAN: Stage.CLEAN, Station.TRAIN: Stage.TRAINED}

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="say what would be done, and do nothing")
]


@app.command("list")
def list_batches(
    state: State, dataset: BatchesOf = None, kafka: Kafka = None, as_one_json: Json = False
) -> None:
    """Each batch of a dataset with what its stages made of it."""
    lines = _with(state, kafka, dataset, lambda batches, name: batches.lines(name))
    if as_one_json:
        typer.echo(json.dumps([as_values(line) for line in lines], indent=1))
    elif lines:
        wide_console().print(as_table(lines, datetime.now(UTC)))
    else:
        typer.echo("no batch yet")


@app.command()
def show(
    state: State,
    number: BatchNumber,
    dataset: BatchesOf = None,
    kafka: Kafka = None,
    as_one_json: Json = False,
) -> None:
    """One batch, with what its stages had made of it before they worked again."""

    async def find(batches: Batches, name: str) -> tuple[Line, list[StageResult]]:
        line = await batches.line(name, number)
        return line, await batches.earlier(line)

    line, earlier = _with(state, kafka, dataset, find)
    if as_one_json:
        before = [result.model_dump(mode="json") for result in earlier]
        typer.echo(json.dumps(as_values(line) | {"earlier": before}, indent=1))
    else:
        typer.echo(whole(line, earlier))


@app.command()
def retry(
    state: State,
    number: BatchNumber,
    dataset: BatchesOf = None,
    dry_run: DryRun = False,
    why: Why = None,
    who: Who = None,
    kafka: Kafka = None,
) -> None:
    """Have the stage that refused a batch, or never ended with it, try once more."""

    async def again(batches: Batches, name: str) -> str | None:
        if dry_run:
            return "it would be so: " + told([await batches.retried(name, number)])
        return (await batches.retry(name, number, person(who, why))).result

    typer.echo(_with(state, kafka, dataset, again))


holding.add_to(app)


def replay(
    state: State,
    why: WhyNeeded,
    first: Annotated[int, typer.Option("--from", metavar="A", min=1, help="first batch")],
    last: Annotated[int, typer.Option("--to", metavar="B", min=1, help="last batch")],
    stage: Annotated[
        Station, typer.Option(help="where it begins; what follows works again, too")
    ] = Station.CLEAN,
    dataset: BatchesOf = None,
    dry_run: DryRun = False,
    who: Who = None,
    kafka: Kafka = None,
) -> None:
    """Have batches cleaned, or trained, again: by the rules and the code of today."""

    async def again(batches: Batches, name: str) -> str | None:
        errands = await batches.replayed(name, STAGES[stage], first, last)
        if dry_run:
            return "it would be so: " + told(errands)
        return (await batches.replay(errands, person(who, why))).result

    typer.echo(_with(state, kafka, dataset, again))
    if not dry_run:
        typer.echo(
            "what was made before stands until then and stays readable:"
            " `relevo batches show N`"
        )


def _with(
    state: Path,
    kafka: str | None,
    dataset: str | None,
    use: Callable[[Batches, str], Awaitable[T]],
) -> T:
    async def used() -> T:
        async with open_batches(state, kafka, dataset) as (batches, name):
            return await use(batches, name)

    return asyncio.run(used())

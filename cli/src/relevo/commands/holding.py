"""`relevo batches held | release | reject`: what is learned from, in a person's hands."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import typer

from relevo.commands.options import BatchesOf, BatchNumber, State, Who, WhyNeeded
from relevo.operating import open_held_batches, person
from relevo_contracts.actions import Action
from relevo_operations.held_batches import Held, HeldBatches

Deed = Callable[[HeldBatches, str], Awaitable[Action]]


def held(state: State, dataset: BatchesOf = None) -> None:
    """Which batches nothing learns from, and why."""

    async def read() -> tuple[list[Held], str]:
        async with open_held_batches(state, dataset) as (batches, name):
            return await batches.held(name), name

    found, name = asyncio.run(read())
    for each in found:
        decided = str(each.decision) if each.decision else ""
        typer.echo(f"{each.batch_id}  {'; '.join(filter(None, (each.reason, decided)))}")
    if not found:
        typer.echo(f"no batch of {name} is held or rejected")


def release(
    number: BatchNumber,
    why: WhyNeeded,
    state: State,
    dataset: BatchesOf = None,
    who: Who = None,
) -> None:
    """Have a held batch learned from, odd as it is."""
    by = person(who, why)
    _do(state, dataset, lambda batches, name: batches.release(name, number, by))


def reject(
    number: BatchNumber,
    why: WhyNeeded,
    state: State,
    dataset: BatchesOf = None,
    who: Who = None,
) -> None:
    """Leave a batch out of all that is still to be learned, also one learned from."""
    by = person(who, why)
    _do(state, dataset, lambda batches, name: batches.reject(name, number, by))


def add_to(batches: typer.Typer) -> None:
    """The three commands, to the group `relevo batches`."""
    for command in (held, release, reject):
        batches.command()(command)


def _do(state: Path, dataset: str | None, deed: Deed) -> None:
    async def done() -> Action:
        async with open_held_batches(state, dataset) as (batches, name):
            return await deed(batches, name)

    typer.echo(asyncio.run(done()).result)

"""`relevo rollback`, `promote`, `hold`, `resume`: a model in a person's hands."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from relevo.commands.options import State, Who, Why, WhyNeeded
from relevo.operating import open_models, person
from relevo_contracts.actions import Action
from relevo_operations.models import Models

Model = Annotated[
    str | None, typer.Argument(help="the model's name; not needed when there is only one")
]
Deed = Callable[[Models, str], Awaitable[Action]]


def rollback(
    why: WhyNeeded,
    state: State,
    model: Model = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help="the version that shall serve; else the one that the champion relieved",
        ),
    ] = None,
    who: Who = None,
) -> None:
    """Put the version before back on duty."""
    by = person(who, why)
    _do(state, model, lambda models, name: models.roll_back(name, by, to=to))
    typer.echo(
        "the trainer still promotes what is better: `relevo hold` keeps it from that"
    )


def promote(
    model: Annotated[str, typer.Argument(help="the model's name")],
    version: Annotated[str, typer.Argument(help="the version that shall serve")],
    state: State,
    why: Why = None,
    who: Who = None,
) -> None:
    """Put a version on duty, whatever its verdict was."""
    by = person(who, why)
    _do(state, model, lambda models, name: models.promote(name, version, by))


def hold(why: WhyNeeded, state: State, model: Model = None, who: Who = None) -> None:
    """Keep the trainer from moving the champion, until `relevo resume`."""
    by = person(who, why)
    _do(state, model, lambda models, name: models.hold(name, by))


def resume(state: State, model: Model = None, why: Why = None, who: Who = None) -> None:
    """Let the trainer move the champion again."""
    by = person(who, why)
    _do(state, model, lambda models, name: models.resume(name, by))


def _do(state: Path, model: str | None, deed: Deed) -> None:
    async def done() -> Action:
        async with open_models(state) as models:
            return await deed(models, model or await models.only())

    typer.echo(asyncio.run(done()).result)

"""Options that several commands have, and their defaults from the environment."""

from pathlib import Path
from typing import Annotated

import typer

from relevo.settings import Settings
from relevo_local.places.addresses import DEFAULT_DATASETS
from relevo_local.places.state import DEFAULT_STATE, is_state


def own_state() -> Path:
    """The state folder of whoever starts a platform here, absolute."""
    return Settings().state.resolve()


def default_state() -> Path:
    """The state folder that is meant where none is named, absolute.

    By itself it is the nearest `.relevo`, here or in a folder above.
    """
    here = own_state()
    if Settings().state != DEFAULT_STATE:
        return here
    found = (folder / DEFAULT_STATE for folder in here.parent.parents)
    return here if is_state(here) else next(filter(is_state, found), here)


def default_datasets() -> str:
    """The datasets that are meant when none is named."""
    return Settings().dataset or ",".join(DEFAULT_DATASETS)


def explain(context: typer.Context) -> None:
    """Without a command: which there are."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


State = Annotated[
    Path,
    typer.Option(
        default_factory=default_state,
        resolve_path=True,
        help="the state folder [env: RELEVO_STATE; else .relevo, here or above]",
        show_default=False,
    ),
]
OwnState = Annotated[
    Path,
    typer.Option(
        "--state",
        default_factory=own_state,
        resolve_path=True,
        help="the state folder [env: RELEVO_STATE; else .relevo]",
        show_default=False,
    ),
]
Datasets = Annotated[
    str,
    typer.Option(
        "--dataset",
        metavar="NAME,NAME",
        default_factory=default_datasets,
        help="what it learns from; /predict is the first one's"
        " [env: RELEVO_DATASET; else diabetes130]",
        show_default=False,
    ),
]
Kafka = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        help="another platform's Kafka [env: RELEVO_KAFKA; else that of the state folder]",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="for programs")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="go on until Ctrl-C")]
Who = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="who does it [else: the login name]"),
]
Why = Annotated[
    str | None, typer.Option(metavar="TEXT", help="the reason, for the history")
]
WhyNeeded = Annotated[
    str, typer.Option("--why", metavar="TEXT", help="the reason, for the history")
]

BatchesOf = Annotated[
    str | None,
    typer.Option(
        "--dataset",
        metavar="NAME",
        help="whose batches; not needed when there is only one dataset",
    ),
]
BatchNumber = Annotated[int, typer.Argument(metavar="N", min=1, help="the batch's number")]

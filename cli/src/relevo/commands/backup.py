"""`relevo backup` and `relevo restore`: all that a platform holds, as a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from relevo.commands.options import OwnState, State
from relevo.errors import CommandError
from relevo_local.places.state import AlreadyRunning
from relevo_local.reports import Report
from relevo_local.supervising.starting import StartFailed
from relevo_story.telling import figures

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", resolve_path=True)]


def backup(folder: Folder, state: State) -> None:
    """Copy batches, models, runs, verdicts and history; the platform may run meanwhile."""
    from relevo_local.keeping.backup import backup as keep

    with told_in_a_line():
        manifest = keep(state, folder, say)
    typer.echo(
        f"{folder} holds {manifest.objects:,} objects ({figures.size(manifest.bytes)}), the"
        f" catalog and MLflow's database of {state}; it holds secrets: keep it to yourself."
        f" `relevo restore {folder}` makes a platform of it"
    )


def restore(
    folder: Folder,
    state: OwnState,
    replace: Annotated[
        bool, typer.Option("--replace", help="what the state folder holds goes")
    ] = False,
) -> None:
    """Make a state folder out of a backup; nothing changes unless all of it succeeds."""
    from relevo_local.keeping.restore import restore as bring_back

    with told_in_a_line():
        manifest = bring_back(state, folder, say, replace=replace)
    typer.echo(
        f"{state} is as it was at {manifest.made_at.astimezone():%Y-%m-%d %H:%M:%S}:"
        " `relevo up` goes on from there, with new passwords"
    )


def say(report: Report) -> None:
    """One line of what is being done."""
    typer.echo(f"{report.process:9} {report.text}")


@contextmanager
def told_in_a_line() -> Iterator[None]:
    """Raises CommandError for what a person can do something about."""
    from relevo_local.keeping.errors import KeepingError

    try:
        yield
    except (KeepingError, AlreadyRunning, StartFailed) as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"nothing was changed: {error}") from error

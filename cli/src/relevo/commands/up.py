"""`relevo up`: the whole platform on this machine, and its story as it happens."""

import signal
from typing import Annotated

import typer
from rich.console import Console

from relevo.addresses import find, names_in
from relevo.commands.dataset import known
from relevo.commands.options import Datasets, OwnState, own_state
from relevo.errors import CommandError
from relevo.example import write_example
from relevo.settings import Settings
from relevo.view.live import LiveView
from relevo.view.showing import Showing
from relevo.view.views import PlainView, View, Views
from relevo_contracts.errors import first_line
from relevo_local.places.addresses import DEFAULT_DATASETS
from relevo_local.platform import (
    AlreadyRunning,
    Interrupted,
    Options,
    Platform,
    StartFailed,
    supervisor_pid,
)
from relevo_local.settings import own_declarations


def up(
    state: OwnState,
    dataset: Datasets,
    interval: Annotated[
        float, typer.Option(min=0.1, help="seconds from one batch to the next")
    ] = 20.0,
    pods: Annotated[int, typer.Option(min=1, max=16, help="processes that answer")] = 2,
    silence: Annotated[
        float,
        typer.Option(
            min=0, help="seconds without an answer that a process may live; 0: any"
        ),
    ] = 60.0,
    plain: Annotated[bool, typer.Option("--plain", help="lines, no live view")] = False,
) -> None:
    """Start everything; Ctrl-C stops everything."""
    if (pid := supervisor_pid(state)) is not None:
        raise CommandError(str(AlreadyRunning(state, pid)))
    datasets = chosen(dataset)
    options = Options(
        state=state,
        interval_seconds=interval,
        datasets=datasets,
        pods=pods,
        silence_seconds=silence,
    )
    console = Console(highlight=False)
    views: list[View] = [PlainView(console)]
    if console.is_terminal and not console.is_dumb_terminal and not plain:
        views.insert(0, LiveView(console))
    settings = Settings().model_copy(update={"dataset": ",".join(datasets)})
    showing = Showing(options, Views(views), lambda: find(settings, state=state))
    showing.start()
    try:
        run(Platform(options, showing.report), showing)
    finally:
        showing.stop()


def run(platform: Platform, showing: Showing) -> None:
    """Start, watch, stop. Raises CommandError with what can be done about it."""
    listen(platform, showing)
    state = platform.options.state
    try:
        platform.start()
        write_example(state, platform.options.datasets[0])
        showing.platform_is_ready()
        platform.supervise()
    except Interrupted:
        pass
    except AlreadyRunning as error:
        raise CommandError(str(error)) from error
    except StartFailed as error:
        raise failed(error) from error
    except OSError as error:  # ConnectionError is one
        text = f"the platform could not start from {state}: {first_line(error)}"
        raise CommandError(text) from error
    finally:
        showing.stopping()
        platform.stop()
    own = "" if state == own_state() else f" --state {state}"
    showing.say(
        f"all is kept in {state}: `relevo up{own}` goes on from there,"
        f" `relevo reset{own}` forgets it"
    )


def listen(platform: Platform, showing: Showing) -> None:
    """What the signals that end a program do: stop everything, once; then have patience."""
    is_asked = False

    def ask(*_: object) -> None:
        nonlocal is_asked
        if is_asked:
            showing.say("everything is being stopped: a few seconds more")
            return
        is_asked = True
        showing.say("stopping everything")
        showing.stopping()
        platform.request_stop()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)


def failed(error: StartFailed) -> CommandError:
    """A server's last words above, then what happened and the remedy in one line."""
    typer.echo("\n".join(f"  | {line}" for line in error.lines), err=True)
    return CommandError(f"{error.name} {error.what}: {error.remedy}")


def chosen(text: str) -> tuple[str, ...]:
    """ "a,b" as names, each once.

    Raises CommandError for an unknown one, with those there are, for a declaration that
    cannot be understood, and for one whose rows are not where it says.
    """
    names = names_in(text)
    if not names:
        raise CommandError("--dataset names no dataset", code=2)
    if names == DEFAULT_DATASETS and own_declarations() is None:
        return names  # known without a look, which would bring pandas and a second's wait
    for name in names:
        rows = known(name).source.path
        if rows is not None and not rows.exists():
            raise CommandError(f"{name}: its declaration names {rows}, which is not there")
    return names

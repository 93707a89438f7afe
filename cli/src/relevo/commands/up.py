"""`relevo up`: the whole platform on this machine, and its story as it happens."""

import signal
from typing import Annotated

import typer
from rich.console import Console

from relevo.addresses import find
from relevo.commands.options import Datasets, State
from relevo.datasets import chosen
from relevo.errors import CommandError
from relevo.example import write_example
from relevo.settings import Settings
from relevo.view.live import LiveView
from relevo.view.plain import PlainView
from relevo.view.showing import Showing
from relevo.view.views import SurvivingView, View
from relevo_contracts.errors import first_line
from relevo_local.platform import (
    AlreadyRunning,
    Interrupted,
    Options,
    Platform,
    StartFailed,
    supervisor_pid,
)


def up(
    state: State,
    dataset: Datasets,
    interval: Annotated[
        float, typer.Option(min=0.1, help="seconds from one batch to the next")
    ] = 20.0,
    pods: Annotated[int, typer.Option(min=1, max=16, help="processes that answer")] = 2,
    plain: Annotated[bool, typer.Option("--plain", help="lines, no live view")] = False,
) -> None:
    """Start everything; Ctrl-C stops everything."""
    if (pid := supervisor_pid(state)) is not None:
        raise CommandError(str(AlreadyRunning(state, pid)))
    datasets = chosen(dataset)
    options = Options(state=state, interval_seconds=interval, datasets=datasets, pods=pods)
    console = Console(highlight=False)
    views: list[View] = [PlainView(console)]
    if console.is_terminal and not console.is_dumb_terminal and not plain:
        views.insert(0, LiveView(console))
    settings = Settings().model_copy(update={"dataset": ",".join(datasets)})
    showing = Showing(options, SurvivingView(views), lambda: find(settings, state=state))
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
        return
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

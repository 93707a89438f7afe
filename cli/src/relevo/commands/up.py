"""`relevo up`: the whole platform on this machine, and its story as it happens."""

import signal
from typing import Annotated

import typer
from rich.console import Console

from relevo.addresses import find
from relevo.commands.options import State
from relevo.errors import CommandError, first_line
from relevo.example import write_example
from relevo.settings import Settings
from relevo.view.live import LiveView
from relevo.view.plain import PlainView
from relevo.view.showing import Showing
from relevo.view.views import SurvivingView, View
from relevo_local.platform import (
    AlreadyRunning,
    Options,
    Platform,
    StartFailed,
    supervisor_pid,
)


def up(
    state: State,
    interval: Annotated[
        float, typer.Option(min=0.1, help="seconds from one batch to the next")
    ] = 20.0,
    pods: Annotated[int, typer.Option(min=1, max=16, help="processes that answer")] = 2,
    plain: Annotated[bool, typer.Option("--plain", help="lines, no live view")] = False,
) -> None:
    """Start everything; Ctrl-C stops everything."""
    options = Options(state=state, interval_seconds=interval, pods=pods)
    if (pid := supervisor_pid(state)) is not None:
        raise CommandError(str(AlreadyRunning(state, pid)))
    console = Console(highlight=False)
    views: list[View] = [PlainView(console)]
    if console.is_terminal and not plain:
        views.insert(0, LiveView(console))
    showing = Showing(options, SurvivingView(views))
    showing.start()
    try:
        run(Platform(options, showing.report), showing)
    finally:
        showing.stop()


def run(platform: Platform, showing: Showing) -> None:
    """Start, watch, stop. Raises CommandError with what can be done about it."""
    ending = Ending(platform, showing)
    ending.listen()
    state = platform.options.state
    try:
        platform.start()
    except KeyboardInterrupt:
        return
    except AlreadyRunning as error:
        raise CommandError(str(error)) from error
    except StartFailed as error:
        raise failed(error) from error
    except OSError as error:  # ConnectionError is one
        text = f"the platform could not start from {state}: {first_line(error)}"
        raise CommandError(text) from error
    try:
        ending.has_started = True
        write_example(state)
        showing.watch(find(Settings(), state=state))
        platform.supervise()
    finally:
        ending.is_asked = True
        showing.stopping()
        platform.stop()


class Ending:
    """What a signal does: end the start, or end the watch; a second one has to wait."""

    def __init__(self, platform: Platform, showing: Showing) -> None:
        self._platform = platform
        self._showing = showing
        self.has_started = False
        self.is_asked = False

    def listen(self) -> None:
        """From now on, for the signals that end a program."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.ask())

    def ask(self) -> None:
        """Raises KeyboardInterrupt where the start has to be left."""
        if self.is_asked:
            return self._showing.say("everything is being stopped: a few seconds more")
        self.is_asked = True
        self._showing.say("stopping everything")
        self._showing.stopping()
        self._platform.request_stop()
        if not self.has_started:
            raise KeyboardInterrupt


def failed(error: StartFailed) -> CommandError:
    """A server's last words above, then what happened and the remedy in one line."""
    typer.echo("\n".join(f"  | {line}" for line in error.lines), err=True)
    return CommandError(f"{error.name} {error.what}: {error.remedy}")

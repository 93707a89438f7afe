"""`relevo down`: ends the platform that runs from a state folder."""

import os
import signal
import time
from contextlib import suppress

import typer

from relevo.commands.options import State
from relevo.errors import CommandError
from relevo_local.places.state import supervisor_pid

PATIENCE_SECONDS = 30.0


def down(state: State) -> None:
    """Stop everything, and wait until it is gone."""
    pid = supervisor_pid(state)
    if not pid:
        typer.echo(f"nothing runs from {state}")
        return
    began = time.monotonic()
    try:
        with suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(pid, signal.SIGTERM)
    except PermissionError as error:
        text = f"process {pid} runs {state} under another account: stop it from there"
        raise CommandError(text) from error
    while supervisor_pid(state):
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise CommandError(
                f"process {pid} was asked to end {PATIENCE_SECONDS:g} s ago and still runs"
                f" {state}: see what it says, or end it by `kill -9 {pid}`"
            )
        time.sleep(0.1)
    typer.echo(f"stopped everything from {state} in {time.monotonic() - began:.1f} s")

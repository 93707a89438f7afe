"""Where pictures are printed to, and which colour means what."""

from rich.console import Console

from relevo_story.telling.facts import Tone

WIDTH = 120
"""Where there is no terminal, as in a pipe."""

STYLES: dict[Tone, str] = {
    "plain": "",
    "good": "green",
    "news": "bold cyan",
    "warning": "yellow",
    "bad": "bold red",
}
"""Of what happened."""

STATES = {
    "ready": "green",
    "starting": "yellow",
    "silent": "bold red",
    "restarting": "bold red",
    "stopped": "dim",
}
"""Of a process."""

WORDS = {"silent": "not answering"}
"""Its states that are called otherwise."""


def wide_console() -> Console:
    """The terminal in its own width, or something wide enough for tables."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    return console

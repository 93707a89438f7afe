"""Where pictures are printed to."""

from rich.console import Console

WIDTH = 120
"""Where there is no terminal, as in a pipe."""


def wide_console() -> Console:
    """The terminal in its own width, or something wide enough for tables."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    return console

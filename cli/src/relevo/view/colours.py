"""Which colour means what, once for all views."""

from relevo_story.telling.facts import Tone

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
    "restarting": "bold red",
    "stopped": "dim",
}
"""Of a process."""

"""Which colour means what, once for all views."""

from relevo.story.facts import Tone

STYLES: dict[Tone, str] = {
    "plain": "",
    "good": "green",
    "news": "bold cyan",
    "warning": "yellow",
    "bad": "bold red",
}

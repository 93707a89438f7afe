"""When a source that fails is worth a line: after a while, and when it is over."""

from collections.abc import Callable

from relevo_contracts.errors import first_line
from relevo_story.telling.facts import Tone

PATIENCE_SECONDS = 15.0
"""Servers start and restart; what lasts no longer is nobody's trouble."""

Say = Callable[[str, Tone], None]


class Trouble:
    """One source's; `clock` gives seconds."""

    def __init__(self, what: str, say: Say, clock: Callable[[], float]) -> None:
        self._what = what
        self._say = say
        self._clock = clock
        self._since: float | None = None
        self._is_told = False

    def fails(self, error: Exception) -> None:
        """It could not be read."""
        now = self._clock()
        self._since = now if self._since is None else self._since
        if not self._is_told and now - self._since >= PATIENCE_SECONDS:
            self._say(f"cannot read {self._what} just now: {first_line(error)}", "warning")
            self._is_told = True

    def is_over(self) -> None:
        """It was read."""
        if self._is_told:
            self._say(f"{self._what} can be read again", "plain")
        self._since, self._is_told = None, False

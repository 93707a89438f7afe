"""For how long a process has not answered: counted in questions, not by a clock."""

PAUSE_SECONDS = 3.0
SOON_SECONDS = 0.5
LONGEST_STEP = 8.0
"""A pause and the longest question. What takes longer was no silence of the process: the
machine slept, or whoever asks was stopped."""


class Silence:
    """What the answers say; over: for `limit` seconds there was none (0: never over)."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._missed = 0
        self._seconds = 0.0

    def note(self, *, answered: bool, passed: float) -> None:
        """One question more, which was answered or not, `passed` seconds after the last."""
        self._missed = 0 if answered else self._missed + 1
        self._seconds = 0 if answered else self._seconds + min(passed, LONGEST_STEP)

    @property
    def seconds(self) -> float:
        return self._seconds

    @property
    def is_one(self) -> bool:
        """One answer may be late; two are a silence."""
        return self._missed > 1

    @property
    def is_over(self) -> bool:
        return self.is_one and 0 < self._limit <= self._seconds

    @property
    def pause(self) -> float:
        """Until the next question: who missed one is asked again soon."""
        return SOON_SECONDS if self._missed == 1 else PAUSE_SECONDS

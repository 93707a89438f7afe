"""Whether a question is asked again, and how long to wait before; pure."""

from dataclasses import dataclass

import httpx

AGAIN = {429, 503}
"""Statuses of what may be answered later."""
FIRST_SECONDS = 0.2
MOST_SECONDS = 30.0
"""Nobody waits longer than this for one more try, whatever the answer asks for."""


@dataclass(frozen=True)
class Patience:
    """So many attempts at most."""

    attempts: int = 4

    def after(self, attempt: int, response: httpx.Response | None) -> float | None:
        """Seconds to wait after this attempt, from 1; None: what came of it stands.

        response: None when the connection failed.
        """
        if attempt >= self.attempts:
            return None
        if response is None:
            return min(FIRST_SECONDS * 2.0 ** (attempt - 1), MOST_SECONDS)
        if response.status_code not in AGAIN:
            return None
        told = response.headers.get("retry-after", "")
        if told.isdecimal():
            seconds = float(told)
            return seconds if seconds <= MOST_SECONDS else None
        return min(FIRST_SECONDS * 2.0 ** (attempt - 1), MOST_SECONDS)

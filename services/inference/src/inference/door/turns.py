"""Batches are computed one after the other, and only while their answers find room."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor

from starlette.responses import Response

from inference.door.overload import Visit


class Turns:
    """One thread: the work is Python's own, and two would not be faster."""

    def __init__(self, thread: Executor) -> None:
        self._thread = thread
        self._turn = asyncio.Lock()

    async def run(self, work: Callable[[], Response], visit: Visit) -> Response:
        """What the work answers; it stays in the budget until the visit ends.

        The next one waits until there is room for this one's answer: however slowly
        callers read, there is one answer at most that the budget has no room for.
        """
        async with self._turn:
            response = await asyncio.get_running_loop().run_in_executor(self._thread, work)
            del work  # and with it the body
            await visit.answered(len(response.body))
        return response

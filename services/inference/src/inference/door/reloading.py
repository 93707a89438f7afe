"""Which version should serve is read anew, on demand and within a limit."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Literal

from pydantic import Field

from inference.door.information import Told
from inference.duty.slot import Serving, Slot
from inference.tables.problems import RETRY_SECONDS, Problem
from relevo_contracts import OutageError

Reread = Callable[[], Awaitable[None]]
"""Tells the slots all promotions that stand in Kafka; raises OutageError."""

READ_SECONDS = 8.0
SWAP_SECONDS = 5.0
"""So long is Kafka waited for, and then the object store."""


class Reloaded(Told):
    """What serves after the desired state was read anew."""

    status: Literal["unchanged", "reloaded", "refused"]
    message: str = Field(description="a sentence for a person")
    model_name: str
    model_version: str = Field(description="that answers now")
    previous_version: str | None = Field(description="that answered until this call")
    serving_since: datetime


class Reloader:
    """Reads one time after the other: who comes while it reads shares the next reading.

    That one began after all of them had asked, so it is as good as one of their own.
    """

    def __init__(self, reread: Reread) -> None:
        self._reread = reread
        self._reading: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    async def reload(self, slot: Slot) -> Reloaded:
        """What serves now, by what stood in Kafka after the call.

        Raises Problem 503 when Kafka or the store does not answer in time, or no version
        serves in the end; a version that served goes on.
        """
        before = slot.serving
        try:
            async with asyncio.timeout(READ_SECONDS):
                await asyncio.shield(self._a_reading())
        except TimeoutError as error:
            raise _unavailable(slot, f"Kafka took over {READ_SECONDS:g} s") from error
        except OutageError as error:
            raise _unavailable(slot, str(error)) from error
        try:
            async with asyncio.timeout(SWAP_SECONDS):
                await slot.until_settled()
        except TimeoutError as error:
            raise _unavailable(slot, slot.obstacle) from error
        if slot.serving is None:
            raise _unavailable(slot, slot.obstacle)
        return _reloaded(slot, slot.serving, before)

    def _a_reading(self) -> asyncio.Task[None]:
        """One that has not begun yet."""
        if self._next is None:
            self._next = asyncio.create_task(self._read_after(self._reading))
            # all who asked may have given up before it fails
            self._next.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._next

    async def _read_after(self, other: asyncio.Task[None] | None) -> None:
        if other is not None:
            await asyncio.wait([other])
        self._reading, self._next = self._next, None
        async with asyncio.timeout(READ_SECONDS):
            await self._reread()


def _reloaded(slot: Slot, serving: Serving, before: Serving | None) -> Reloaded:
    version = serving.model.version
    old = before.model.version if before else None
    status: Literal["unchanged", "reloaded", "refused"]
    if slot.refusal is not None:
        status, message = "refused", f"{slot.obstacle}; version {version} goes on"
    elif before is not None and before.model is serving.model:
        status, message = "unchanged", f"already serving version {version}"
    else:
        status, message = "reloaded", f"now serving version {version}"
    return Reloaded(
        status=status,
        message=message,
        model_name=slot.model,
        model_version=version,
        previous_version=old,
        serving_since=serving.since,
    )


def _unavailable(slot: Slot, reason: str) -> Problem:
    serving = slot.serving
    goes_on = f"version {serving.model.version} goes on" if serving else "no model answers"
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"{goes_on}: {reason}",
        kind="not-reloaded" if serving else "no-model",
        headers={"retry-after": str(RETRY_SECONDS)},
    )

"""How an action is noted: before anything is done, and again with what came of it."""

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from pydantic import JsonValue

from relevo_contracts import OutageError
from relevo_contracts.actions import Action, Deed
from relevo_contracts.errors import first_line
from relevo_contracts.results import Promotion


class History(Protocol):
    """The catalog's histories; every adapter raises OutageError while it is away."""

    async def record_action(self, action: Action) -> None:
        """Keep the action; a second record of the same id says what came of it."""

    async def actions(
        self, *, subject: str | None = None, limit: int = 1000
    ) -> list[Action]:
        """The newest `limit` actions, or those on a subject, oldest first."""

    async def promotions(self, model: str | None = None) -> list[Promotion]:
        """The model's promotions, or those of all models, oldest first."""


Told = Action | Promotion


async def all_told(history: History, *, subject: str | None, limit: int) -> list[Told]:
    """The newest `limit` actions and promotions, or those on a subject, oldest first."""
    actions = await history.actions(subject=subject, limit=limit)
    return in_order(actions, await history.promotions(subject))[-limit:]


def in_order(actions: Iterable[Action], promotions: Iterable[Promotion]) -> list[Told]:
    """Both by time, oldest first."""
    return sorted([*actions, *promotions], key=time_of)


def time_of(told: Told) -> datetime:
    """When it happened."""
    return told.at if isinstance(told, Action) else told.promoted_at


@dataclass(frozen=True)
class Person:
    """Who does something, and why."""

    who: str
    why: str | None = None


class Entry:
    """An action while it is done."""

    def __init__(self, action: Action) -> None:
        self.action = action

    def say(self, result: str, **details: JsonValue) -> None:
        """What came of it, in words and in details."""
        told = {"result": result, "details": self.action.details | details}
        self.action = self.action.model_copy(update=told)


@asynccontextmanager
async def noted(
    history: History, person: Person, what: Deed, subject: str, **details: JsonValue
) -> AsyncIterator[Entry]:
    """Note an action, whose end is that of the block; the error of the block is raised.

    Raises OutageError when the history is away: before the block nothing was done.
    """
    entry = Entry(
        Action(
            id=uuid.uuid4().hex,
            at=datetime.now(UTC),
            who=person.who,
            why=person.why,
            what=what,
            subject=subject,
            details=details,
        )
    )
    try:
        await history.record_action(entry.action)
    except OutageError as error:
        raise OutageError(f"nothing was done, as it could not be noted: {error}") from error
    try:
        yield entry
    except BaseException as error:
        ended = {"outcome": "failed", "result": first_line(error)}
        with suppress(OutageError):  # what went wrong is told, noted or not
            await history.record_action(entry.action.model_copy(update=ended))
        raise
    entry.action = entry.action.model_copy(update={"outcome": "done"})
    try:
        await history.record_action(entry.action)
    except OutageError as error:
        raise OutageError(
            f"{entry.action.result}; but this was not noted: {error}"
        ) from error

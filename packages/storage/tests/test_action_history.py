"""What every ActionHistory does: the port's suite, for the fake and the real one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from relevo_contracts.actions import Action
from relevo_storage import ActionHistory

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)


@pytest.fixture
def history(catalog: ActionHistory) -> ActionHistory:
    return catalog


def action(subject: str, number: int = 1, **facts: Any) -> Action:
    """A rollback; `facts` replace what it says."""
    usual = {
        "id": f"{subject}/{number}",
        "at": NOW,
        "who": "ana",
        "why": "too many false alarms",
        "what": "rollback",
        "subject": subject,
        "details": {"from": "3", "to": "2"},
    }
    return Action.model_validate(usual | facts)


async def test_actions_come_back_as_they_were_recorded_oldest_first(
    history: ActionHistory, model: str
) -> None:
    told = [action(model, n, why=None if n == 2 else f"reason {n}") for n in (2, 1, 3)]
    for each in told:
        await history.record_action(each)

    assert await history.actions(subject=model) == told
    assert [each for each in await history.actions() if each.subject == model] == told


async def test_the_limit_keeps_the_newest(history: ActionHistory, model: str) -> None:
    told = [action(model, n) for n in range(4)]
    for each in told:
        await history.record_action(each)

    assert await history.actions(subject=model, limit=2) == told[2:]


async def test_what_came_of_an_action_is_kept_where_it_began(
    history: ActionHistory, model: str
) -> None:
    first, second = action(model, 1), action(model, 2)
    ended: dict[str, Any] = {"outcome": "failed", "result": "MLflow is away"}
    for each in (first, second, action(model, 1, who="eve", **ended)):
        await history.record_action(each)

    assert await history.actions(subject=model) == [
        first.model_copy(update=ended),
        second,
    ]

"""What a person did to a model is told with who and why."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from relevo_contracts.actions import Action
from relevo_contracts.registry_notes import HELD, Held
from relevo_story.sources.holds import read_holds
from relevo_story.telling import samples
from relevo_story.telling.facts import Holds
from relevo_story.telling.samples import happened
from relevo_story.telling.story import Story

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ANA = {"moved_by": "rollback", "who": "ana", "why": "too many false alarms"}


@pytest.mark.parametrize(
    ("moved", "told"),
    [
        (ANA, ", a rollback by ana: too many false alarms"),
        ({"moved_by": "person"}, ", moved by hand in MLflow"),
        ({"moved_by": "trainer", "why": "is better"}, ""),
        ({}, ""),
    ],
)
def test_a_promotion_that_a_person_brought_about_says_who_and_why(
    moved: dict[str, Any], told: str
) -> None:
    story = Story()
    event = samples.promoted("2", 2, before="1").model_copy(update=moved)

    [line] = story.add(happened(event))

    assert line.text.endswith(f"(before: version 1){told}")
    [champion] = story.champions
    assert champion.moved_by == moved.get("moved_by")


def test_a_dead_letter_that_a_person_is_done_with_counts_no_more() -> None:
    story, letter = Story(), samples.buried(1, "wrong hash")
    story.add(letter)
    about = {
        "subject": str(letter.place),
        "details": {"died_at": letter.letter.time.isoformat()},
    }
    usual = {"at": NOW, "who": "ana", "outcome": "done", **about}

    counts = []
    for what in ("send again", "done", "send again"):
        story.add(Action.model_validate(usual | {"id": what, "what": what}))
        counts.append(len(story.buried))

    assert counts == [1, 0, 1]


async def test_a_champion_is_told_to_be_held_as_mlflow_has_it() -> None:
    held = Held(who="ana", why="an audit", at=NOW)
    event = samples.promoted("1", 1)
    tags = [{"key": HELD, "value": held.model_dump_json()}]
    models = [{"name": event.model, "tags": tags}, {"name": "other"}]
    answer = httpx.Response(200, json={"registered_models": models})
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as client:
        holds = await read_holds(client, "http://mlflow")
    story = Story()
    for fact in (happened(event), holds):
        story.add(fact)

    [champion] = story.champions
    assert champion.held == held
    story.add(Holds({}))
    assert story.champions[0].held is None

"""Rolling back, promoting, holding and resuming, and what the history says of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from relevo_contracts import OutageError
from relevo_contracts.results import Promotion
from relevo_operations.errors import OperationError
from relevo_operations.fakes import MemoryRegistry
from relevo_operations.history import Person
from relevo_operations.models import Models
from relevo_operations.predecessors import predecessor
from relevo_operations.registry import Version
from relevo_storage.fakes import MemoryCatalog

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ANA = Person("ana", "too many false alarms")


def promotions(*versions: str) -> list[Promotion]:
    """A model's history: each version relieves the one before."""
    return [
        Promotion(
            event_id=str(number),
            model="m",
            model_version=version,
            previous_version=versions[number - 1] if number else None,
            bundle_sha256="0" * 64,
            batches=(),
            promoted_at=NOW + timedelta(minutes=number),
        )
        for number, version in enumerate(versions)
    ]


class House:
    """Model m, whose version 3 is on duty; 4 was not made by us and 5 was refused."""

    def __init__(self) -> None:
        made = [Version(number=number, bundle_sha256="0" * 64) for number in "123"]
        by_hand = Version(number="4", bundle_sha256=None)
        broken = Version(number="5", bundle_sha256="0" * 64, refused="no bundle there")
        self.registry = MemoryRegistry({"m": "3"}, {"m": [*made, by_hand, broken]})
        self.history = MemoryCatalog()
        self.models = Models(self.registry, self.history)

    @property
    def champion(self) -> str | None:
        return self.registry.champions["m"]


@pytest.fixture
async def house() -> House:
    house = House()
    for promotion in promotions("1", "2", "3"):
        await house.history.record_promotion(promotion)
    return house


@pytest.mark.parametrize(
    ("served", "champion", "before"),
    [
        (["1", "2", "3"], "3", "2"),
        (["1", "2", "3", "2"], "2", "1"),
        (["1", "2", "3", "1", "3"], "3", "1"),
        (["1"], "1", None),
        ([], "1", None),
        (["1", "2"], "9", "2"),  # moved by hand, and not promoted
    ],
)
def test_the_predecessor_is_whom_the_champion_relieved(
    served: Sequence[str], champion: str, before: str | None
) -> None:
    assert predecessor(promotions(*served), champion) == before


async def test_a_rollback_puts_the_predecessor_back_and_says_who_and_why(
    house: House,
) -> None:
    action = await house.models.roll_back("m", ANA)

    assert house.champion == "2"
    note = house.registry.notes["m"]
    assert (note.version, note.by, note.who, note.why) == (
        "2",
        "rollback",
        *vars(ANA).values(),
    )
    assert await house.history.actions(subject="m") == [action]
    assert (action.who, action.why, action.outcome) == ("ana", ANA.why, "done")
    assert action.result == "version 2 of m is on duty instead of version 3"
    assert action.details == {"from": "3", "to": "2"}


async def test_a_person_promotes_and_rolls_back_to_any_version_that_can_serve(
    house: House,
) -> None:
    await house.models.roll_back("m", ANA, to="1")
    await house.models.promote("m", "3", ANA)

    assert house.champion == "3"
    assert house.registry.notes["m"].by == "person"
    told = [(each.what, each.details["to"]) for each in await house.history.actions()]
    assert told == [("rollback", "1"), ("promote", "3")]


async def test_a_version_that_is_on_duty_is_not_moved_again(house: House) -> None:
    action = await house.models.promote("m", "3", ANA)

    assert action.result == "version 3 of m is on duty already: nothing moved"
    assert house.registry.notes == {}


async def test_a_champion_that_the_watcher_held_back_is_promoted_by_a_persons_word(
    house: House,
) -> None:
    versions = house.registry.versions["m"]
    held_back = [
        each.model_copy(update={"held_back": "it has seen 1 of 4 batches"})
        for each in versions
    ]
    house.registry.versions = {"m": held_back}

    action = await house.models.promote("m", "3", ANA)

    assert action.result == "version 3 of m is on duty, as it was held back"
    assert house.registry.notes["m"].by == "person"


@pytest.mark.parametrize(
    ("model", "version", "text"),
    [
        ("x", "1", "no model 'x'; there are: m"),
        ("m", "9", "no version '9' of m"),
        ("m", "two", "no version 'two' of m"),
        ("m", "4", "version 4 of m has no serving bundle"),
        ("m", "5", "version 5 of m cannot be served: no bundle there"),
    ],
)
async def test_what_could_not_be_served_is_not_put_on_duty(
    house: House, model: str, version: str, text: str
) -> None:
    with pytest.raises(OperationError, match=text):
        await house.models.promote(model, version, ANA)

    assert (house.champion, await house.history.actions()) == ("3", [])


async def test_a_first_version_has_nobody_to_roll_back_to(house: House) -> None:
    house.registry.champions["m"] = "1"

    with pytest.raises(OperationError, match="nobody was on duty before version 1 of m"):
        await house.models.roll_back("m", ANA)


async def test_what_failed_half_way_is_in_the_history(house: House) -> None:
    house.registry.stuck = True

    with pytest.raises(OutageError):
        await house.models.roll_back("m", ANA)

    [action] = await house.history.actions()
    assert (action.outcome, action.result) == ("failed", "MLflow is away, says the test")


async def test_nothing_is_done_that_cannot_be_noted(house: House) -> None:
    house.history.away = True

    with pytest.raises(OutageError, match="nothing was done"):
        await house.models.promote("m", "1", ANA)

    assert house.champion == "3"


async def test_a_model_is_held_with_a_reason_until_somebody_resumes(house: House) -> None:
    with pytest.raises(OperationError, match="say why"):
        await house.models.hold("m", Person("ana"))
    await house.models.hold("m", Person("ana", "an audit"))
    held = house.registry.holds["m"]
    first = await house.models.resume("m", Person("bob"))
    again = await house.models.resume("m", Person("bob"))

    assert (held.who, held.why) == ("ana", "an audit")
    assert house.registry.holds == {}
    assert "was held by ana" in str(first.result)
    assert "was not held" in str(again.result)


async def test_the_only_model_needs_no_name(house: House) -> None:
    assert await house.models.only() == "m"
    house.registry.champions["n"] = None

    with pytest.raises(OperationError, match="which model\\? there are m, n"):
        await house.models.only()

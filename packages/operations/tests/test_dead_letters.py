"""Dead letters: sent again with who and why, marked with what came of it, done with."""

from datetime import UTC, datetime
from typing import Any

import pytest

from relevo_contracts import DeadLetter
from relevo_contracts.envelope import Headers
from relevo_operations.dead_letters import DeadLetters
from relevo_operations.errors import OperationError
from relevo_operations.fakes import MemoryLetterBox, MemoryRecord
from relevo_operations.history import Person
from relevo_storage.fakes import MemoryCatalog

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ANA = Person("ana", "the cleaner is mended")
OWN: Headers = [("ce_id", b"1")]


def letter(at: int, **facts: Any) -> MemoryRecord:
    """A dead letter of the cleaner's at that offset; `facts` replace what it says."""
    usual = {
        "reason": "wrong hash",
        "stage": "handle",
        "service": "cleaner",
        "topic": "batch.raw",
        "partition": 2,
        "offset": at,
        "time": NOW,
    }
    headers = OWN + DeadLetter.model_validate(usual | facts).to_headers()
    return MemoryRecord("batch.raw.dead", 0, at, b"{}", headers)


class House:
    """Two letters and a batch that the ingestor refused."""

    def __init__(self) -> None:
        refused = letter(9, stage="fetch", service="ingestor", partition=-1)
        self.box = MemoryLetterBox(letter(7), letter(8, reason="a bug"), refused)
        self.history = MemoryCatalog()
        self.dead = DeadLetters(self.box, self.history)

    async def states(self) -> list[str]:
        return [each.state for each in await self.dead.letters()]

    async def send(self, place: str) -> None:
        await self.dead.send_again([await self.dead.letter(place)], ANA)


@pytest.fixture
def house() -> House:
    return House()


async def test_a_letter_is_sent_as_it_was_and_marked_with_what_came_of_it(
    house: House,
) -> None:
    await house.send("batch.raw.dead 0 7")
    [sent] = house.box.sent
    on_its_way = await house.states()
    reached = {"cleaner": {2: 100}, "other": {2: 500}}
    house.box.reached["batch.raw"] = reached
    not_yet = await house.states()
    reached["cleaner"] = {2: 101}
    handled = await house.dead.letter("batch.raw.dead 0 7")

    assert (sent.topic, sent.key, sent.value, sent.headers) == (
        "batch.raw",
        b"key",
        b"{}",
        OWN,
    )
    assert on_its_way == not_yet == ["on its way", "new", "new"]
    assert handled.state == "handled"
    assert handled.story == "sent again by ana: handled (the cleaner is mended)"


async def test_a_letter_that_died_again_says_where_it_lies_now(house: House) -> None:
    await house.send("batch.raw.dead 0 7")
    house.box.reached["batch.raw"] = {"cleaner": {2: 101}}
    house.box.lying.append(letter(10, offset=100))

    found = await house.dead.letter("batch.raw.dead 0 7")

    assert found.state == "died again"
    assert "died again as batch.raw.dead 0 10" in found.story
    assert await house.states() == ["died again", "new", "new", "new"]


async def test_done_is_the_last_word_and_kept_with_who_and_why(house: House) -> None:
    await house.send("batch.raw.dead 0 7")
    await house.dead.done(await house.dead.letter("batch.raw.dead 0 7"), Person("bob"))

    assert (await house.dead.letter("batch.raw.dead 0 7")).story == "done, says bob"
    told = [(a.who, a.what, a.outcome) for a in await house.history.actions()]
    assert told == [("ana", "send again", "done"), ("bob", "done", "done")]


async def test_a_deed_is_not_about_a_letter_of_a_topic_that_was_made_anew(
    house: House,
) -> None:
    await house.dead.done(await house.dead.letter("batch.raw.dead 0 7"), ANA)
    house.box.lying[0] = letter(7, time=datetime(2026, 3, 4, tzinfo=UTC))

    assert await house.states() == ["new", "new", "new"]


async def test_many_are_sent_by_their_reason_each_only_once(house: House) -> None:
    found = await house.dead.waiting(reason="WRONG hash")
    planned = await house.dead.send_again(found, ANA, dry_run=True)
    nothing = (list(house.box.sent), await house.history.actions())
    await house.dead.send_again(found, ANA)

    assert [each.place for each in found] == ["batch.raw.dead 0 7"]
    assert (planned, nothing) == ([], ([], []))
    assert len(house.box.sent) == 1
    assert [each.place for each in await house.dead.waiting()] == ["batch.raw.dead 0 8"]


async def test_what_never_was_a_message_cannot_be_sent_again(house: House) -> None:
    house.box.lying.append(MemoryRecord("batch.raw.dead", 0, 11, b"?", []))

    for place, text in (("9", "refused by the ingestor before"), ("11", "tells no origin")):
        with pytest.raises(OperationError, match=text):
            await house.send(f"batch.raw.dead 0 {place}")
    with pytest.raises(OperationError, match=r"no dead letter batch\.raw\.dead 0 99"):
        await house.send("batch.raw.dead 0 99")
    assert house.box.sent == []

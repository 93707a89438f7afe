"""What the next stage has no result for is announced again, less and less often."""

from datetime import UTC, datetime, timedelta

import pytest

from relevo_contracts import OutageError
from relevo_contracts.results import Announcement, Stage, StageResult, Verdict
from relevo_storage import Catalog, Unanswered
from relevo_storage.fakes import MemoryCatalog

LONG_AGO = datetime(2026, 1, 2, tzinfo=UTC)
HOUR = 3600.0


def made(
    dataset: str,
    number: int,
    stage: Stage = Stage.RAW,
    *,
    verdict: Verdict = Verdict.ACCEPTED,
    at: datetime = LONG_AGO,
) -> StageResult:
    return StageResult(
        batch_id=f"{dataset}-{number:04d}",
        dataset=dataset,
        number=number,
        stage=stage,
        verdict=verdict,
        announcement=Announcement(envelope={"id": "e"}, body={}),
        started_at=at,
        finished_at=at,
    )


async def nothing() -> bool:
    return False


async def due(
    catalog: Catalog, dataset: str, *, first: float = 0.0, longest: float = HOUR
) -> list[int]:
    found = await catalog.unanswered(
        dataset, Stage.RAW, by=Stage.CLEAN, first=first, longest=longest
    )
    return [each.number for each in found]


async def test_accepted_batches_without_the_next_stages_result_are_unanswered(
    catalog: Catalog, dataset: str
) -> None:
    for number in (4, 3, 2):
        await catalog.record(made(dataset, number))
    await catalog.record(made(dataset, 1, verdict=Verdict.REFUSED))
    await catalog.record(made(dataset, 2, Stage.CLEAN, verdict=Verdict.REFUSED))
    await catalog.mark_announced(f"{dataset}-0004", Stage.RAW)

    assert await due(catalog, dataset) == [3, 4]
    assert await due(catalog, f"{dataset}-other") == []


async def test_a_batch_whose_next_result_is_asked_for_again_is_unanswered(
    catalog: Catalog, dataset: str
) -> None:
    for number in (1, 2):
        await catalog.record(made(dataset, number))
        await catalog.record(made(dataset, number, Stage.CLEAN))
    await catalog.ask_again(f"{dataset}-0001", [Stage.CLEAN])
    await catalog.ask_again(f"{dataset}-0002", [Stage.RAW, Stage.CLEAN])

    assert await due(catalog, dataset) == [1], "the other is to be taken again first"


async def test_what_was_announced_just_now_is_left_alone_and_longer_each_time(
    catalog: Catalog, dataset: str
) -> None:
    await catalog.record(made(dataset, 1, at=datetime.now(UTC)))
    assert await due(catalog, dataset, first=HOUR) == []
    for _ in range(3):
        await catalog.mark_announced(f"{dataset}-0001", Stage.RAW)

    # the fourth one after four times the first delay, or the longest one
    assert await due(catalog, dataset, first=HOUR, longest=9 * HOUR) == []
    assert await due(catalog, dataset, first=1e-9) == [1]
    assert await due(catalog, dataset, first=HOUR, longest=0.0) == [1]


async def test_a_batch_whose_message_was_lost_is_announced_again_until_it_is_answered(
    catalog: Catalog, dataset: str
) -> None:
    heard: list[str] = []

    async def announce(result: StageResult) -> None:
        heard.append(result.batch_id)

    for number in (1, 2):
        await catalog.record(made(dataset, number))
    await catalog.record(made(dataset, 1, Stage.CLEAN))
    unanswered = Unanswered(catalog, dataset, Stage.RAW, announce, has_unread=nothing)

    again = [batch async for batch in unanswered.announce_again()]
    soon = [batch async for batch in unanswered.announce_again()]

    assert again == heard == [f"{dataset}-0002"]
    assert soon == []


@pytest.mark.parametrize(("first_look", "expected"), [(True, [1]), (False, [])])
async def test_at_a_start_all_that_waits_is_announced_however_often_it_was_told(
    first_look: bool, expected: list[int]
) -> None:
    catalog = MemoryCatalog()
    await catalog.record(made("d", 1))
    two_minutes_ago = datetime.now(UTC) - timedelta(minutes=2)
    catalog.announced["d-0001", Stage.RAW] = [two_minutes_ago] * 9

    async def announce(_: StageResult) -> None:
        """It goes to the topic."""

    unanswered = Unanswered(catalog, "d", Stage.RAW, announce, has_unread=nothing)
    if not first_look:
        catalog.announced["d-0001", Stage.RAW] = [datetime.now(UTC)]
        assert [each async for each in unanswered.announce_again()] == []
        catalog.announced["d-0001", Stage.RAW] = [two_minutes_ago] * 9

    told = [each async for each in unanswered.announce_again()]

    assert told == [f"d-{number:04d}" for number in expected]


async def test_a_mere_backlog_is_not_announced_again_before_it_was_read() -> None:
    catalog, backlog = MemoryCatalog(), [True]
    for number, minutes in ((1, 30), (2, 90)):
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        await catalog.record(made("d", number, at=at))

    async def announce(_: StageResult) -> None:
        """It goes to the topic."""

    async def has_unread() -> bool:
        return backlog[0]

    unanswered = Unanswered(catalog, "d", Stage.RAW, announce, has_unread=has_unread)
    while_it_waits = [each async for each in unanswered.announce_again()]
    backlog[0] = False

    assert while_it_waits == ["d-0002"]  # for more than an hour: who knows
    assert [each async for each in unanswered.announce_again()] == ["d-0001"]


async def test_while_kafka_is_away_nothing_counts_as_announced() -> None:
    catalog = MemoryCatalog()
    await catalog.record(made("d", 1))

    async def announce(_: StageResult) -> None:
        raise OutageError("Kafka")

    unanswered = Unanswered(catalog, "d", Stage.RAW, announce, has_unread=nothing)
    with pytest.raises(OutageError):
        _ = [each async for each in unanswered.announce_again()]

    assert catalog.announced == {}

"""Batches in a person's hands: a refused one is tried again, others are made again."""

from datetime import UTC, datetime

import pytest

from relevo_contracts import BatchClean, BatchRaw, Envelope
from relevo_contracts.actions import Deed
from relevo_contracts.results import Announcement, Stage, StageResult, Verdict
from relevo_operations.batches import ANNOUNCED, Batches
from relevo_operations.errors import OperationError
from relevo_operations.fakes import MemoryLetterBox
from relevo_operations.history import Person
from relevo_storage.fakes import MemoryCatalog

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ANA = Person("ana", "the rules are others now")
TABLE = {"key": "k", "sha256": "0" * 64, "size": 1}


def event(number: int, kind: type[BatchRaw | BatchClean]) -> Announcement:
    """What the stage told of the batch."""
    usual = {"batch_id": f"pima-{number:04d}", "dataset": "pima", "number": number}
    facts = {
        **usual,
        **dict.fromkeys(("table", "report"), TABLE),
        **dict.fromkeys(("rows", "rows_in", "rows_out", "rows_quarantined"), 1),
        **dict.fromkeys(("released_at", "ingested_at", "cleaned_at"), NOW),
        **{"raw_sha256": "0" * 64, "source_sha256": "0" * 64, "source_url": "http://s"},
    }
    told = kind.model_validate({n: facts[n] for n in kind.model_fields if n in facts})
    envelope = Envelope.of(told, source="test", cause=f"{number}")
    return Announcement(
        envelope=envelope.model_dump(mode="json"), body=told.model_dump(mode="json")
    )


@pytest.fixture
def catalog() -> MemoryCatalog:
    return MemoryCatalog()


@pytest.fixture
def box() -> MemoryLetterBox:
    return MemoryLetterBox()


@pytest.fixture
def batches(catalog: MemoryCatalog, box: MemoryLetterBox) -> Batches:
    return Batches(catalog, box)


async def passed(catalog: MemoryCatalog, number: int, *verdicts: Verdict) -> None:
    """The batch has come so far: a verdict of each stage."""
    for stage, verdict in zip(Stage, verdicts, strict=False):
        told = verdict is Verdict.ACCEPTED and stage in ANNOUNCED
        result = StageResult(
            batch_id=f"pima-{number:04d}",
            dataset="pima",
            number=number,
            stage=stage,
            verdict=verdict,
            announcement=event(number, ANNOUNCED[stage]) if told else None,
            started_at=NOW,
            finished_at=NOW,
        )
        await catalog.record(result)


ALL = (Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.KEPT)


async def test_a_batch_that_the_cleaner_refused_is_cleaned_once_more(
    catalog: MemoryCatalog, box: MemoryLetterBox, batches: Batches
) -> None:
    await passed(catalog, 3, Verdict.ACCEPTED, Verdict.REFUSED)

    action = await batches.retry("pima", 3, ANA)

    (sent,) = box.sent
    raw = await catalog.find("pima-0003", Stage.RAW)
    assert raw is not None
    assert raw.announcement is not None
    headers = dict(sent.headers)
    assert (sent.topic, sent.key) == ("batch.raw", b"pima-0003")
    assert headers["ce_id"].decode() == raw.announcement.envelope["id"]
    assert await catalog.find("pima-0003", Stage.CLEAN) is None, "it may be made again"
    assert action.what is Deed.RETRY
    assert action.result == "batch 3 of pima will be cleaned again"
    assert (action.who, action.why, action.outcome) == ("ana", ANA.why, "done")


async def test_a_batch_whose_message_was_buried_before_a_result_is_sent_once_more(
    catalog: MemoryCatalog, box: MemoryLetterBox, batches: Batches
) -> None:
    await passed(catalog, 3, Verdict.ACCEPTED, Verdict.ACCEPTED)

    await batches.retry("pima", 3, ANA)

    assert [sent.topic for sent in box.sent] == ["batch.clean"]


async def test_a_batch_that_the_ingestor_refused_is_taken_once_more_by_itself(
    catalog: MemoryCatalog, box: MemoryLetterBox, batches: Batches
) -> None:
    await passed(catalog, 3, Verdict.REFUSED)

    action = await batches.retry("pima", 3, ANA)

    assert box.sent == []
    assert [result.again for result in await catalog.results("pima", Stage.RAW)] == [True]
    assert "when the ingestor looks at the source next" in (action.result or "")


async def test_a_held_batch_is_released_rather_than_tried_again(
    catalog: MemoryCatalog, batches: Batches
) -> None:
    await passed(catalog, 3, Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.HELD)

    with pytest.raises(OperationError, match="is held: `relevo batches release 3`"):
        await batches.retry("pima", 3, ANA)


async def test_a_batch_that_nobody_refused_is_not_tried_again(
    catalog: MemoryCatalog, box: MemoryLetterBox, batches: Batches
) -> None:
    await passed(catalog, 3, *ALL)

    with pytest.raises(OperationError, match="was not refused"):
        await batches.retry("pima", 3, ANA)
    with pytest.raises(OperationError, match="there is no batch 4 of pima"):
        await batches.retry("pima", 4, ANA)
    assert box.sent == []
    assert catalog.deeds == {}


async def test_a_replay_makes_the_stage_and_those_after_it_work_again_in_order(
    catalog: MemoryCatalog, box: MemoryLetterBox, batches: Batches
) -> None:
    for number in (1, 2, 3, 4):
        await passed(catalog, number, *ALL)

    errands = await batches.replayed("pima", Stage.CLEAN, 2, 3)
    assert box.sent == [], "a dry run does nothing"
    action = await batches.replay(errands, ANA)

    assert [sent.topic for sent in box.sent] == ["batch.raw", "batch.raw"]
    again = {
        (result.number, stage)
        for stage in Stage
        for result in await catalog.results("pima", stage)
        if result.again
    }
    assert again == {(n, s) for n in (2, 3) for s in (Stage.CLEAN, Stage.TRAINED)}
    told = "2 batches (2 to 3) of pima will be cleaned and then trained again"
    assert action.result == told
    assert action.details == {"stage": "clean", "batches": [2, 3]}


async def test_what_was_made_before_stands_until_then_and_stays_readable(
    catalog: MemoryCatalog, batches: Batches
) -> None:
    await passed(catalog, 1, *ALL)
    before = await catalog.find("pima-0001", Stage.TRAINED)
    assert before is not None

    await batches.replay(await batches.replayed("pima", Stage.TRAINED, 1, 1), ANA)
    stands = (await batches.line("pima", 1)).results[Stage.TRAINED]
    assert stands == before.model_copy(update={"again": True})
    await catalog.record(before.model_copy(update={"reason": "better"}))

    line = await batches.line("pima", 1)
    assert line.results[Stage.TRAINED].reason == "better"
    assert await batches.earlier(line) == [before]
    assert await catalog.revision("pima-0001", Stage.TRAINED) == 2


async def test_a_batch_in_work_is_not_replayed(
    catalog: MemoryCatalog, box: MemoryLetterBox, batches: Batches
) -> None:
    await passed(catalog, 1, *ALL)
    await passed(catalog, 2, Verdict.ACCEPTED, Verdict.ACCEPTED)

    with pytest.raises(OperationError, match="pima-0002: a stage is still at it"):
        await batches.replayed("pima", Stage.CLEAN, 1, 2)

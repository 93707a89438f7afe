"""What every Catalog does: the suite of the port, for the fake and the real one."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from relevo_contracts import ObjectRef
from relevo_contracts.results import Announcement, Stage, StageResult, Verdict
from relevo_storage import Catalog

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
ANNOUNCEMENT = Announcement(
    envelope={"id": "e1", "time": "2026-01-02T03:04:05Z"}, body={"rows": 3, "why": None}
)


def result(dataset: str, number: int = 1, **facts: Any) -> StageResult:
    """A result of the raw stage; `facts` replace what it says."""
    usual = {
        "batch_id": f"{dataset}-{number:04d}",
        "dataset": dataset,
        "number": number,
        "stage": Stage.RAW,
        "verdict": Verdict.ACCEPTED,
        "started_at": NOW,
        "finished_at": NOW + timedelta(seconds=1),
    }
    return StageResult.model_validate(usual | facts)


async def test_a_result_comes_back_as_it_was_recorded(
    catalog: Catalog, dataset: str
) -> None:
    full = result(
        dataset,
        table=ObjectRef(key="raw/x.parquet", sha256="0" * 64, size=2**40),
        rows=15_000,
        statistics={"missing": {"race": 0.25}, "columns": ["a", 1, None, True, -1.5e-9]},
        announcement=ANNOUNCEMENT,
        started_at=NOW.astimezone(timezone(timedelta(hours=-7))),
    )

    assert await catalog.record(full) == full
    assert await catalog.find(full.batch_id, Stage.RAW) == full


async def test_a_refused_batch_keeps_its_reason(catalog: Catalog, dataset: str) -> None:
    reason = "column 'age'; DROP TABLE \"x\" -- is \N{SNOWMAN}\n%s $1 {}"
    refused = result(dataset, verdict=Verdict.REFUSED, reason=reason)

    await catalog.record(refused)

    assert await catalog.find(refused.batch_id, Stage.RAW) == refused


async def test_a_batch_that_nobody_recorded_is_not_found(
    catalog: Catalog, dataset: str
) -> None:
    assert await catalog.find(f"{dataset}-0001", Stage.RAW) is None


async def test_the_first_result_stands_and_is_what_a_repeat_is_answered(
    catalog: Catalog, dataset: str
) -> None:
    first = result(dataset, rows=1, announcement=ANNOUNCEMENT)
    await catalog.record(first)

    answer = await catalog.record(result(dataset, rows=2, verdict=Verdict.REFUSED))

    assert answer == first
    assert await catalog.find(first.batch_id, Stage.RAW) == first


async def test_a_later_try_takes_the_place_of_a_refused_result_which_stays_readable(
    catalog: Catalog, dataset: str
) -> None:
    refused = result(dataset, verdict=Verdict.REFUSED, reason="half", announcement=None)
    mended = result(dataset, rows=7, announcement=ANNOUNCEMENT)
    await catalog.record(refused)

    answer = await catalog.record_again(mended, instead_of=refused)
    again = await catalog.record_again(result(dataset, rows=8), instead_of=refused)

    assert answer == again == mended
    assert await catalog.results(dataset, Stage.RAW) == [mended]
    assert await catalog.earlier_tries(mended.batch_id, Stage.RAW) == [refused]
    assert await catalog.unannounced(dataset, Stage.RAW) == [mended]


async def test_what_was_accepted_is_never_replaced(catalog: Catalog, dataset: str) -> None:
    accepted = await catalog.record(result(dataset, rows=7))

    assert await catalog.record_again(result(dataset), instead_of=accepted) == accepted
    assert await catalog.earlier_tries(accepted.batch_id, Stage.RAW) == []


async def test_a_result_that_is_asked_for_again_stands_until_the_next_one_is_recorded(
    catalog: Catalog, dataset: str
) -> None:
    first = result(dataset, verdict=Verdict.REFUSED, reason="half", announcement=None)
    second = result(dataset, rows=7, announcement=ANNOUNCEMENT)
    await catalog.record(first)
    assert await catalog.revision(first.batch_id, Stage.RAW) == 1

    await catalog.ask_again(first.batch_id, [Stage.RAW, Stage.CLEAN])
    stands = await catalog.results(dataset, Stage.RAW)
    to_be_made = await catalog.find(first.batch_id, Stage.RAW)
    revision = await catalog.revision(first.batch_id, Stage.RAW)
    answer = await catalog.record(second)
    repeat = await catalog.record(result(dataset, rows=8))

    assert stands == [first.model_copy(update={"again": True})]
    assert to_be_made is None
    assert answer == repeat == second
    assert await catalog.find(first.batch_id, Stage.RAW) == second
    assert await catalog.earlier_tries(first.batch_id, Stage.RAW) == [first]
    assert revision == await catalog.revision(first.batch_id, Stage.RAW) == 2
    assert await catalog.unannounced(dataset, Stage.RAW) == [second]


async def test_of_many_racers_one_is_recorded_again_and_the_first_kept_once(
    catalog: Catalog, dataset: str
) -> None:
    first = await catalog.record(result(dataset))
    await catalog.ask_again(first.batch_id, [Stage.RAW])

    answers = await asyncio.gather(
        *(catalog.record(result(dataset, rows=racer)) for racer in range(1, 41))
    )

    assert len({answer.rows for answer in answers}) == 1
    assert await catalog.earlier_tries(first.batch_id, Stage.RAW) == [first]


async def test_of_many_racers_one_is_recorded_and_all_are_answered_the_same(
    catalog: Catalog, dataset: str
) -> None:
    answers = await asyncio.gather(
        *(catalog.record(result(dataset, rows=racer)) for racer in range(1, 41))
    )

    assert len({answer.rows for answer in answers}) == 1
    assert await catalog.results(dataset, Stage.RAW) == [answers[0]]


async def test_each_stage_of_a_batch_has_a_result_of_its_own(
    catalog: Catalog, dataset: str
) -> None:
    for rows, stage in enumerate(Stage):
        await catalog.record(result(dataset, stage=stage, rows=rows))

    found = [await catalog.find(f"{dataset}-0001", stage) for stage in Stage]
    assert [(f.stage, f.rows) for f in found if f] == [
        (Stage.RAW, 0),
        (Stage.CLEAN, 1),
        (Stage.TRAINED, 2),
    ]


async def test_results_are_those_of_one_dataset_and_stage_by_number(
    catalog: Catalog, dataset: str
) -> None:
    for number in (10, 2, 1):
        await catalog.record(result(dataset, number))
    await catalog.record(result(dataset, 3, stage=Stage.CLEAN))
    await catalog.record(result(f"{dataset}-other", 4))

    found = await catalog.results(dataset, Stage.RAW)

    assert [entry.number for entry in found] == [1, 2, 10]


async def test_an_announcement_waits_until_it_is_marked(
    catalog: Catalog, dataset: str
) -> None:
    for number in (2, 1):
        await catalog.record(result(dataset, number, announcement=ANNOUNCEMENT))
    await catalog.record(result(dataset, 3))

    waiting = await catalog.unannounced(dataset, Stage.RAW)
    assert [entry.number for entry in waiting] == [1, 2]
    assert waiting[0].announcement == ANNOUNCEMENT

    await catalog.mark_announced(f"{dataset}-0001", Stage.RAW)
    await catalog.mark_announced(f"{dataset}-0001", Stage.RAW)

    waiting = await catalog.unannounced(dataset, Stage.RAW)
    assert [entry.number for entry in waiting] == [2]


async def test_a_repeat_of_an_announced_result_does_not_wait_again(
    catalog: Catalog, dataset: str
) -> None:
    await catalog.record(result(dataset, announcement=ANNOUNCEMENT))
    await catalog.mark_announced(f"{dataset}-0001", Stage.RAW)

    await catalog.record(result(dataset, announcement=ANNOUNCEMENT))

    assert await catalog.unannounced(dataset, Stage.RAW) == []


async def test_marking_what_has_no_announcement_changes_nothing(
    catalog: Catalog, dataset: str
) -> None:
    await catalog.record(result(dataset))

    await catalog.mark_announced(f"{dataset}-0001", Stage.RAW)
    await catalog.mark_announced(f"{dataset}-9999", Stage.RAW)

    assert await catalog.results(dataset, Stage.RAW) == [result(dataset)]


async def test_what_json_and_sql_cannot_hold_does_not_stop_a_result(
    catalog: Catalog, dataset: str
) -> None:
    odd = {"a\x00b": ["\x00", r"\u0000"], "mean": float("nan"), "top": float("inf")}
    answer = await catalog.record(result(dataset, reason="no \x00 column", statistics=odd))

    assert answer.reason == "no \ufffd column"
    assert answer.statistics == {
        "a\ufffdb": ["\ufffd", r"\u0000"],
        "mean": None,
        "top": None,
    }
    assert await catalog.find(f"{dataset}-0001", Stage.RAW) == answer


async def test_statistics_of_a_megabyte_are_kept(catalog: Catalog, dataset: str) -> None:
    large = result(
        dataset, statistics={f"column {n}": list(range(100)) for n in range(2_500)}
    )

    await catalog.record(large)

    assert await catalog.find(large.batch_id, Stage.RAW) == large

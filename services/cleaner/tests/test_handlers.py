"""A batch has one result, whatever is repeated, killed or away in between."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import pandas as pd
import pytest
from prometheus_client import REGISTRY

from cleaner.cleaning import Rules
from cleaner.handlers import build_handler
from cleaner.metrics import begin
from relevo_contracts import BatchClean, BatchRaw, Envelope, OutageError, PoisonError
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_datasets import COLUMN, REASON
from relevo_datasets.clean_table import CleanTable
from relevo_runtime.fakes import RecordingPublisher
from relevo_runtime.kafka.consuming import Handler
from relevo_storage.fakes import MemoryCatalog, MemoryStore

AsBatch = Callable[..., tuple[bytes, BatchRaw]]
Cause = Callable[[BatchRaw], Envelope]


@dataclass
class World:
    """The handler with the twins of all that it reaches."""

    store: MemoryStore
    catalog: MemoryCatalog
    publisher: RecordingPublisher
    rules: Rules

    @property
    def handle(self) -> Handler[BatchRaw]:
        return build_handler(
            store=self.store,
            catalog=self.catalog,
            publisher=self.publisher,
            rules=self.rules,
            deaths=3,
        )

    @property
    def result(self) -> StageResult:
        [result] = self.catalog.stage_results.values()
        return result

    def hold(self, content: bytes, event: BatchRaw) -> BatchRaw:
        self.store.objects[event.table.key] = content
        return event


@pytest.fixture
def world(rules: Rules) -> World:
    return World(MemoryStore(), MemoryCatalog(), RecordingPublisher(), rules)


async def test_a_raw_batch_becomes_a_clean_one_with_its_report(
    world: World, encounters: pd.DataFrame, as_batch: AsBatch, cause: Cause
) -> None:
    event = world.hold(*as_batch(encounters))

    await world.handle(event, cause(event))

    [(clean, envelope)] = world.publisher.published
    assert isinstance(clean, BatchClean)
    assert (clean.batch_id, clean.number) == (event.batch_id, 1)
    assert (clean.rows_in, clean.rows_out, clean.rows_quarantined) == (200, 200, 0)
    assert clean.raw_sha256 == event.table.sha256
    assert clean.released_at == event.released_at
    assert clean.table.key == f"clean/diabetes130/{clean.table.sha256}.parquet"
    table = CleanTable.from_parquet(world.store.objects[clean.table.key])
    assert len(table.frame) == 200
    report = json.loads(world.store.objects[clean.report.key])
    assert clean.report.key == f"reports/diabetes130/{clean.report.sha256}.json"
    assert report["batch_id"] == event.batch_id
    assert envelope.traceparent.split("-")[1] == cause(event).traceparent.split("-")[1]


async def test_the_catalog_keeps_the_result_and_that_it_was_told(
    world: World, encounters: pd.DataFrame, as_batch: AsBatch, cause: Cause
) -> None:
    event = world.hold(*as_batch(encounters))

    await world.handle(event, cause(event))

    result = world.result
    assert (result.stage, result.verdict) == (Stage.CLEAN, Verdict.ACCEPTED)
    assert (result.rows, result.statistics["target_rate"]) == (200, 0.25)
    assert await world.catalog.unannounced("diabetes130", Stage.CLEAN) == []


async def test_a_repeated_event_tells_the_same_again_and_cleans_nothing(
    world: World, encounters: pd.DataFrame, as_batch: AsBatch, cause: Cause
) -> None:
    event = world.hold(*as_batch(encounters))
    await world.handle(event, cause(event))
    world.store.objects.clear()

    await world.handle(event, cause(event))

    first, again = world.publisher.published
    assert first == again
    assert world.store.objects == {}


async def test_a_batch_that_is_asked_for_again_is_cleaned_anew_and_told_as_another_event(
    world: World, encounters: pd.DataFrame, as_batch: AsBatch, cause: Cause
) -> None:
    event = world.hold(*as_batch(encounters))
    await world.handle(event, cause(event))
    first = world.result
    await world.catalog.ask_again(event.batch_id, [Stage.CLEAN])

    await world.handle(event, cause(event))
    await world.handle(event, cause(event))

    (_, before), (_, again), (_, repeat) = world.publisher.published
    assert again.id != before.id
    assert again == repeat
    assert again.trace_id == before.trace_id
    assert await world.catalog.earlier_tries(event.batch_id, Stage.CLEAN) == [first]


async def test_a_cleaner_that_was_away_after_its_record_tells_what_it_recorded(
    world: World, encounters: pd.DataFrame, as_batch: AsBatch, cause: Cause
) -> None:
    event = world.hold(*as_batch(encounters))
    world.publisher.away = True
    with pytest.raises(OutageError):
        await world.handle(event, cause(event))
    assert not world.catalog.announced
    world.publisher.away = False

    await world.handle(event, cause(event))

    [(clean, envelope)] = world.publisher.published
    assert world.result.announcement is not None
    assert envelope.model_dump(mode="json") == world.result.announcement.envelope
    assert clean.model_dump(mode="json") == world.result.announcement.body


async def test_of_two_cleaners_with_one_batch_the_second_tells_the_first_s_result(
    world: World, encounters: pd.DataFrame, as_batch: AsBatch, cause: Cause
) -> None:
    event = world.hold(*as_batch(encounters))
    await world.handle(event, cause(event))

    class Late(MemoryCatalog):
        """It looked before the other one had recorded."""

        async def find(self, batch_id: str, stage: Stage) -> StageResult | None:
            return None

    late = Late()
    late.stage_results = world.catalog.stage_results
    await World(world.store, late, world.publisher, world.rules).handle(event, cause(event))

    first, second = world.publisher.published
    assert first == second


async def test_a_batch_that_kills_its_cleaner_is_refused_at_the_third_death(
    world: World, encounters: pd.DataFrame, as_batch: AsBatch, cause: Cause
) -> None:
    event = world.hold(*as_batch(encounters))
    world.catalog.deaths[event.batch_id, Stage.CLEAN] = 3

    for _ in range(2):
        with pytest.raises(PoisonError, match="killed the process three times"):
            await world.handle(event, cause(event))

    assert world.result.verdict is Verdict.REFUSED
    assert not world.publisher.published


async def test_a_refused_batch_is_recorded_once_and_is_poison_each_time(
    world: World, encounters: pd.DataFrame, as_batch: AsBatch, cause: Cause
) -> None:
    encounters["num_medications"] = "a lot"
    event = world.hold(*as_batch(encounters))

    for _ in range(2):
        with pytest.raises(PoisonError, match="diabetes130-0001 was refused: 200 of 200"):
            await world.handle(event, cause(event))

    assert world.publisher.published == []
    result = world.result
    assert (result.verdict, result.table) == (Verdict.REFUSED, None)
    assert "num_medications is not a whole number" in str(result.reason)
    report = json.loads(world.store.objects[str(result.statistics["report"])])
    assert report["rows_quarantined"] == 200


async def test_what_was_put_aside_is_kept_as_it_came_with_why(
    world: World, encounters: pd.DataFrame, as_batch: AsBatch, cause: Cause
) -> None:
    encounters.loc[:2, "time_in_hospital"] = "long"
    event = world.hold(*as_batch(encounters))

    await world.handle(event, cause(event))

    key = str(world.result.statistics["quarantine"])
    rows = pd.read_parquet(BytesIO(world.store.objects[key]))
    assert key.startswith("quarantine/diabetes130/")
    assert list(rows[COLUMN]) == ["time_in_hospital"] * 3
    assert rows[REASON].str.startswith("is not a whole number").all()
    assert list(rows["time_in_hospital"]) == ["long"] * 3
    assert list(rows["encounter_id"]) == ["1000", "1001", "1002"]


async def test_a_batch_is_compared_with_the_accepted_ones_that_have_lower_numbers(
    world: World, encounters: pd.DataFrame, as_batch: AsBatch, cause: Cause
) -> None:
    emptied = encounters.assign(race="?")
    third, second, fourth = (
        world.hold(*as_batch(frame, number=number))
        for frame, number in ((encounters, 3), (emptied, 2), (emptied, 4))
    )

    await world.handle(third, cause(third))
    await world.handle(second, cause(second))
    with pytest.raises(PoisonError, match="have no race, usually 50"):
        await world.handle(fourth, cause(fourth))

    published = [event for event, _ in world.publisher.published]
    assert [e.number for e in published if isinstance(e, BatchClean)] == [3, 2]


async def test_what_was_seen_of_a_batch_s_words_is_shown(
    world: World, encounters: pd.DataFrame, as_batch: AsBatch, cause: Cause
) -> None:
    encounters.loc[0:9, "race"] = ["?"] * 6 + ["Martian"] * 4
    for number in (1, 2):
        event = world.hold(*as_batch(encounters, number=number))
        await world.handle(event, cause(event))

    def shown(metric: str) -> float | None:
        labels = {"dataset": "diabetes130", "feature": "race"}
        return REGISTRY.get_sample_value(f"relevo_cleaner_{metric}_share_ratio", labels)

    assert (shown("unknown"), shown("usual_unknown")) == (0.02, 0.02)
    assert (shown("missing"), shown("usual_missing")) == (0.03, 0.03)


def test_series_of_served_datasets_begin_with_0() -> None:
    begin(["covertype"])

    for metric, label, word in (("batches", "verdict", "refused"), ("rows", "way", "in")):
        labels = {"dataset": "covertype", label: word}
        assert REGISTRY.get_sample_value(f"relevo_cleaner_{metric}_total", labels) == 0


async def test_an_event_about_an_object_that_is_not_there_leaves_no_verdict(
    world: World, encounters: pd.DataFrame, as_batch: AsBatch, cause: Cause
) -> None:
    content, event = as_batch(encounters)
    with pytest.raises(OutageError, match="no object"):
        await world.handle(event, cause(event))
    world.hold(content + b"!", event)
    with pytest.raises(PoisonError, match="SHA-256"):
        await world.handle(event, cause(event))
    assert world.catalog.stage_results == {}

    world.hold(content, event)
    await world.handle(event, cause(event))

    assert len(world.publisher.published) == 1


@pytest.mark.parametrize("server", ["store", "catalog"])
async def test_while_a_server_is_away_nothing_is_decided(
    world: World,
    encounters: pd.DataFrame,
    as_batch: AsBatch,
    cause: Cause,
    server: str,
) -> None:
    event = world.hold(*as_batch(encounters))
    getattr(world, server).away = True

    with pytest.raises(OutageError):
        await world.handle(event, cause(event))

    assert world.catalog.stage_results == {}
    assert world.publisher.published == []

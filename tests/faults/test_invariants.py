"""The invariants see what is broken: each kind of it, by its name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from mlflow.entities import Run, RunData, RunInfo, RunTag
from mlflow.entities.model_registry import ModelVersion, ModelVersionTag

from relevo_contracts import ObjectRef, Topic
from relevo_contracts.registry_tags import Tag
from relevo_contracts.results import Promotion, Stage, StageResult, Verdict
from tests.faults.invariants import CANDIDATES, PARENT, broken
from tests.faults.seeing import PREFIXES, Progress, Record, Seen

NOW = datetime.now(UTC)
SHA256 = "0" * 64
BATCH = "flats-0001"
OFFERED = {1: Stage.TRAINED}


def result(stage: Stage, verdict: Verdict) -> StageResult:
    return StageResult(
        batch_id=BATCH,
        dataset="flats",
        number=1,
        stage=stage,
        verdict=verdict,
        table=None
        if stage is Stage.TRAINED
        else ObjectRef(key=f"{stage.value}/flats/a", sha256=SHA256, size=1),
        started_at=NOW,
        finished_at=NOW,
    )


def record(topic: Topic, id: str = "id", **body: Any) -> Record:
    return Record(topic, {"ce_id": id}, body)


def run(id: str, status: str = "FINISHED", **tags: str) -> Run:
    info = RunInfo(id, "1", "me", status, 0, 0, "active")
    return Run(info, RunData(tags=[RunTag(key, value) for key, value in tags.items()]))


def version(number: str, verdict: str = "promoted") -> ModelVersion:
    tags = {Tag.BATCH_ID: BATCH, Tag.VERDICT: verdict}
    kept = [ModelVersionTag(str(k), v) for k, v in tags.items()]  # type: ignore[no-untyped-call]
    return ModelVersion("flats", number, 0, tags=kept)


PROMOTED = Promotion(
    event_id="id",
    model="flats",
    model_version="1",
    previous_version=None,
    bundle_sha256=SHA256,
    batches=(BATCH,),
    promoted_at=NOW,
    moved_by="trainer",
)
OWN = {Tag.BATCH_ID.value: BATCH}
FINE = Seen(
    progress=Progress(
        results={
            Stage.RAW: [result(Stage.RAW, Verdict.ACCEPTED)],
            Stage.CLEAN: [result(Stage.CLEAN, Verdict.ACCEPTED)],
            Stage.TRAINED: [result(Stage.TRAINED, Verdict.PROMOTED)],
        },
        unannounced=0,
        promotions=[PROMOTED],
        alias="1",
        served={"pod-1": "1", "pod-2": "1"},
        lag={"cleaner": 0},
    ),
    records={topic: [] for topic in Topic}
    | {
        Topic.BATCH_RAW: [record(Topic.BATCH_RAW, batch_id=BATCH)] * 2,
        Topic.BATCH_CLEAN: [record(Topic.BATCH_CLEAN, batch_id=BATCH)],
        Topic.MODEL_PROMOTED: [record(Topic.MODEL_PROMOTED, bundle={"key": "bundles/b"})],
        Topic.MODEL_SERVED: [
            record(Topic.MODEL_SERVED, pod="pod-1", serving_version="1", served_at=1),
        ],
    },
    objects={prefix: set[str]() for prefix in PREFIXES}
    | {
        "raw": {"raw/flats/a"},
        "clean": {"clean/flats/a"},
        "reports": {"reports/flats/a"},
        "bundles": {"bundles/b"},
    },
    versions=[version("1")],
    runs=[
        run("r", **OWN),
        *(run(f"r{n}", **OWN, **{PARENT: "r"}) for n in range(CANDIDATES)),
    ],
)


def with_records(seen: Seen, *more: Record) -> Seen:
    records = {topic: list(told) for topic, told in seen.records.items()}
    for each in more:
        records[each.topic].append(each)
    return replace(seen, records=records)


def with_progress(seen: Seen, **changes: Any) -> Seen:
    return replace(seen, progress=replace(seen.progress, **changes))


BREAKS: dict[str, Callable[[Seen], Seen]] = {
    "are not trained": lambda seen: with_progress(
        seen, results={**seen.progress.results, Stage.TRAINED: []}
    ),
    "not announced": lambda seen: with_progress(seen, unannounced=1),
    "records to read": lambda seen: with_progress(seen, lag={"cleaner": 1}),
    "pod-2 serves": lambda seen: with_progress(seen, served={"pod-2": None}),
    "the alias is on 2": lambda seen: with_progress(seen, alias="2"),
    "missing in clean": lambda seen: replace(
        seen, objects={**seen.objects, "clean": set()}
    ),
    "nobody knows": lambda seen: replace(
        seen, objects={**seen.objects, "raw": {"raw/flats/a", "raw/flats/b"}}
    ),
    "identities in batch.raw": lambda seen: with_records(
        seen, record(Topic.BATCH_RAW, "another", batch_id=BATCH)
    ),
    "facts in batch.raw": lambda seen: with_records(
        seen, record(Topic.BATCH_RAW, batch_id=BATCH, rows=7)
    ),
    "dead letters of": lambda seen: with_records(
        seen, record(Topic.BATCH_CLEAN_DEAD, batch_id=BATCH)
    ),
    "versions that are": lambda seen: replace(
        seen, versions=[*seen.versions, version("2")]
    ),
    "in MLflow, kept": lambda seen: replace(seen, versions=[version("1", "kept")]),
    "runs that are": lambda seen: replace(seen, runs=[*seen.runs, run("s", **OWN)]),
    "is RUNNING": lambda seen: replace(
        seen, runs=[run("r", "RUNNING", **OWN), *seen.runs[1:]]
    ),
    "no run says": lambda seen: with_progress(
        seen,
        results={
            **seen.progress.results,
            Stage.TRAINED: [result(Stage.TRAINED, Verdict.HELD)],
        },
    ),
    "batch.held tells of": lambda seen: with_records(
        seen, record(Topic.BATCH_HELD, batch_id=BATCH)
    ),
    "identities in batch.held": lambda seen: with_records(
        seen, *(record(Topic.BATCH_HELD, id, batch_id=BATCH) for id in "ab")
    ),
    "runs below no run": lambda seen: replace(
        seen, runs=[*seen.runs, run("s", **OWN, **{PARENT: "gone"})]
    ),
    "promotions by the trainer": lambda seen: with_progress(
        seen, promotions=[PROMOTED, PROMOTED.model_copy(update={"event_id": "b"})]
    ),
    "the history does not know": lambda seen: with_records(
        seen, record(Topic.MODEL_PROMOTED, "another", bundle={"key": "bundles/b"})
    ),
    "is not in the topic": lambda seen: with_progress(
        seen, promotions=[PROMOTED.model_copy(update={"event_id": "b"})]
    ),
    "have told": lambda seen: with_records(
        seen, record(Topic.MODEL_SERVED, pod="pod-1", serving_version="0", served_at=2)
    ),
}


def test_nothing_is_broken_where_all_is_well() -> None:
    assert list(broken(FINE, OFFERED)) == []


def test_a_batch_that_was_held_and_released_has_two_runs() -> None:
    held = run("h", **OWN, **{Tag.VERDICT: "held"})
    seen = with_records(FINE, *[record(Topic.BATCH_HELD, batch_id=BATCH)] * 2)

    assert list(broken(replace(seen, runs=[held, *seen.runs]), OFFERED)) == []


@pytest.mark.parametrize("words", BREAKS)
def test_what_is_broken_is_seen(words: str) -> None:
    found = list(broken(BREAKS[words](FINE), OFFERED))

    assert any(words in each for each in found), found

"""What must hold of a dataset's batches when all is quiet, whatever happened on the way.

Pure: what was seen goes in, what is broken comes out in words.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from mlflow.entities import Run

from relevo_contracts import Topic
from relevo_contracts.registry_tags import Tag
from relevo_contracts.results import Stage, Verdict
from tests.faults.seeing import Progress, Record, Seen

CANDIDATES = 4
PARENT = "mlflow.parentRunId"
STAGES = {Topic.BATCH_RAW: Stage.RAW, Topic.BATCH_CLEAN: Stage.CLEAN}
ABOUT_BATCHES = (*STAGES, Topic.BATCH_HELD)
PLACE = ("topic", "partition", "offset")
"""What tells a dead letter from another; it may be written twice."""


def unfinished(progress: Progress, offered: Mapping[int, Stage]) -> Iterator[str]:
    """What is still to come; empty when all is quiet.

    offered: by the number of a batch, the last stage that has a result of it.
    """
    for stage in Stage:
        there = {result.number for result in progress.results[stage]}
        if missing := sorted(_expected(offered, stage) - there):
            yield f"{missing} are not {stage.value}"
    if progress.unannounced:
        yield f"{progress.unannounced} results are not announced"
    for group, records in progress.lag.items():
        if records:
            yield f"{group} has {records} records to read"
    newest = progress.promotions[-1].model_version if progress.promotions else None
    if newest != progress.alias:
        yield f"version {newest} was promoted last, the alias is on {progress.alias}"
    for pod, version in progress.served.items():
        if version != progress.alias:
            yield f"{pod} serves {version}, the alias is on {progress.alias}"


def _expected(offered: Mapping[int, Stage], stage: Stage) -> set[int]:
    order = list(Stage)
    return {n for n, last in offered.items() if order.index(last) >= order.index(stage)}


def broken(
    seen: Seen, offered: Mapping[int, Stage], *, dead: Collection[str] = ()
) -> Iterator[str]:
    """What does not hold: once each, and nothing besides.

    dead: the subjects of the dead letters that there should be, one each.
    """
    yield from unfinished(seen.progress, offered)
    yield from _once(seen, offered)
    results = seen.progress.results
    yield from _objects(seen)
    for topic, stage in STAGES.items():
        accepted = {r.batch_id for r in results[stage] if r.verdict is Verdict.ACCEPTED}
        yield from _told_alike(seen.records[topic], accepted, topic)
    held = {run.data.tags[Tag.BATCH_ID] for run in seen.runs if _is_held(run)}
    yield from _told_alike(seen.records[Topic.BATCH_HELD], held, Topic.BATCH_HELD)
    yield from _verdicts(seen)
    yield from _promotions(seen)
    yield from _letters(seen, dead)


def broken_though_lost(seen: Seen, offered: Mapping[int, Stage]) -> Iterator[str]:
    """The same where something of what was kept has been lost: what still holds."""
    yield from unfinished(seen.progress, offered)
    yield from _once(seen, offered)
    yield from _letters(seen, ())


def _once(seen: Seen, offered: Mapping[int, Stage]) -> Iterator[str]:
    """One result per batch and stage, one identity of its event."""
    results = seen.progress.results
    for stage in Stage:
        numbers = [result.number for result in results[stage]]
        yield from _twice(f"{stage.value} results", numbers)
        if strange := set(numbers) - _expected(offered, stage):
            yield f"{sorted(strange)} should not be {stage.value}"
    for topic in ABOUT_BATCHES:
        ids = {(record.body["batch_id"], record.id) for record in seen.records[topic]}
        yield from _twice(f"identities in {topic.value}", [batch for batch, _ in ids])


def _objects(seen: Seen) -> Iterator[str]:
    """One object per batch and stage, and none that nobody knows."""
    results, objects = seen.progress.results, seen.objects
    known = {
        "raw": {r.table.key for r in results[Stage.RAW] if r.table},
        "clean": {r.table.key for r in results[Stage.CLEAN] if r.table},
        "bundles": {
            record.body["bundle"]["key"] for record in seen.records[Topic.MODEL_PROMOTED]
        },
    }
    for prefix, keys in known.items():
        if missing := keys - objects[prefix]:
            yield f"objects are missing in {prefix}: {sorted(missing)}"
        if strange := objects[prefix] - keys:
            yield f"objects in {prefix} that nobody knows: {sorted(strange)}"
    if len(objects["reports"]) != len(results[Stage.CLEAN]):
        cleaned = len(results[Stage.CLEAN])
        yield f"{len(objects['reports'])} reports of {cleaned} cleaned batches"


def _told_alike(
    records: Iterable[Record], batches: Collection[str], topic: Topic
) -> Iterator[str]:
    """Each of the batches is told, and always with the same facts."""
    bodies = {(record.body["batch_id"], repr(record.body)) for record in records}
    yield from _twice(f"facts in {topic.value}", [batch for batch, _ in bodies])
    told = {batch for batch, _ in bodies}
    if batches != told:
        yield f"{topic.value} tells of {sorted(told)}, not of {sorted(batches)}"


def _verdicts(seen: Seen) -> Iterator[str]:
    """One verdict per batch, the same in the catalog and in MLflow; one run of it.

    A batch that was held and released has the run of then, too.
    """
    trained = {r.batch_id: r for r in seen.progress.results[Stage.TRAINED]}
    of_batch = [version.tags[Tag.BATCH_ID] for version in seen.versions]
    yield from _twice("versions", of_batch)
    learned = {b for b, r in trained.items() if r.verdict.is_of_a_model}
    if set(of_batch) != learned:
        yield f"versions are of {sorted(of_batch)}, verdicts of {sorted(learned)}"
    for version in seen.versions:
        result = trained.get(version.tags[Tag.BATCH_ID])
        if result and result.verdict.value != version.tags[Tag.VERDICT]:
            said = version.tags[Tag.VERDICT]
            yield f"{result.batch_id}: {result.verdict.value} and, in MLflow, {said}"
    runs = [run for run in seen.runs if PARENT not in run.data.tags]
    of_runs = [(run.data.tags[Tag.BATCH_ID], _is_held(run)) for run in runs]
    yield from _twice("runs", of_runs)
    held = {b for b, r in trained.items() if r.verdict is Verdict.HELD}
    if unheld := held - {batch for batch, is_held in of_runs if is_held}:
        yield f"no run says that these are held: {sorted(unheld)}"
    children = Counter(run.data.tags.get(PARENT) for run in seen.runs)
    for run in runs:
        batch, status = run.data.tags[Tag.BATCH_ID], run.info.status
        expected = ("FINISHED", CANDIDATES) if batch in learned else ("FAILED", 0)
        if _is_held(run):
            expected = ("FINISHED", 0)
        if (status, children[run.info.run_id]) != expected:
            yield f"the run of {batch} is {status}, {children[run.info.run_id]} below it"
    if lost := set(children) - {None, *(run.info.run_id for run in runs)}:
        yield f"runs below no run: {sorted(map(str, lost))}"


def _is_held(run: Run) -> bool:
    return bool(run.data.tags.get(Tag.VERDICT) == Verdict.HELD)


def _promotions(seen: Seen) -> Iterator[str]:
    """At most one promotion per batch, in order, and the same in topic and history."""
    history = seen.progress.promotions
    yield from _twice(
        "promotions by the trainer",
        [each.model_version for each in history if each.moved_by == "trainer"],
    )
    before = None
    for each in history:
        if each.previous_version != before:
            relieved = f"{each.previous_version}, not {before}"
            yield f"version {each.model_version} relieves {relieved}"
        before = each.model_version
    told = {record.id for record in seen.records[Topic.MODEL_PROMOTED]}
    if lost := {each.event_id for each in history[-1:]} - told:
        yield f"the last promotion is not in the topic: {lost}"
    if unknown := told - {each.event_id for each in history}:
        yield f"promotions in the topic that the history does not know: {sorted(unknown)}"
    in_order = sorted(seen.records[Topic.MODEL_SERVED], key=lambda r: r.body["served_at"])
    served = {record.body["pod"]: record.body["serving_version"] for record in in_order}
    if seen.progress.alias and set(served.values()) != {seen.progress.alias}:
        yield f"pods have told that they serve {served}, not {seen.progress.alias}"


def _letters(seen: Seen, expected: Collection[str]) -> Iterator[str]:
    letters = {
        (_subject(record), *(record.headers.get(f"dead_{part}") for part in PLACE)): record
        for topic, records in seen.records.items()
        if topic.is_dead
        for record in records
    }
    found = sorted(_subject(letter) for letter in letters.values())
    if found != sorted(expected):
        reasons = {letter.headers.get("dead_reason") for letter in letters.values()}
        yield f"dead letters of {found}, not of {sorted(expected)}: {reasons}"


def _subject(letter: Record) -> str:
    body = letter.body if isinstance(letter.body, dict) else {}
    return str(body.get("batch_id") or "nothing that is known")


def _twice(what: str, names: Iterable[object]) -> Iterator[str]:
    if doubled := {name: times for name, times in Counter(names).items() if times > 1}:
        yield f"{what} that are there more than once: {doubled}"

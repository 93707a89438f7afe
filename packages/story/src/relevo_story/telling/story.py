"""The story: takes facts in any order, repeats included, and knows what stands now."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from relevo_contracts import (
    BatchClean,
    BatchRaw,
    ModelPromoted,
    ModelServed,
    SourceSeen,
    Topic,
)
from relevo_contracts.actions import Action, Deed
from relevo_contracts.registry_notes import Held
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_contracts.statistics import CleanStatistics
from relevo_story.telling import figures, sentences
from relevo_story.telling.batch import WORKERS, Batch, Step
from relevo_story.telling.champions import Champion, champion_of
from relevo_story.telling.facts import (
    Buried,
    Door,
    Fact,
    Happened,
    Holds,
    Illegible,
    Lag,
    Lags,
    Line,
    Mended,
    Place,
    Progress,
    Released,
    Said,
    Schedule,
    Tone,
)
from relevo_story.telling.promotions import Promotion, Promotions
from relevo_story.telling.training import read_training

ALL_TOPICS = {topic.value for topic in Topic}


class Story:
    """All that is known so far. `add` answers the lines that a fact is worth.

    datasets: what is known of before anything is heard of it. A model bears the name of
    its dataset: both are said where there are several, else neither.
    """

    def __init__(self, *, pods: int = 0, datasets: Iterable[str] = ()) -> None:
        self._datasets = set(datasets)
        self._batches: dict[str, Batch] = {}
        self._told: set[object] = set()
        self.promotions = Promotions(pods=pods, called=self.called)
        self._buried: list[Buried] = []
        self._illegible: list[Illegible] = []
        self._deeds: dict[tuple[str, str], Deed] = {}
        self._decided: set[str] = set()
        self.schedules: dict[str, Schedule] = {}
        self.sources: dict[str, SourceSeen] = {}
        self.progress: Mapping[str, str] = {}
        self.begun: dict[str, datetime | None] = {}
        self._hears_trainer = False
        self.doors: dict[str, Door] = {}
        self.lags: tuple[Lag, ...] = ()
        self.mended: dict[str, Mended] = {}
        self.held: Mapping[str, Held] = {}

    def add(self, fact: Fact) -> list[Line]:
        """Take a fact in."""
        match fact:
            case StageResult():
                return self._add_result(fact)
            case Happened():
                return self._add_event(fact)
            case Said():
                return [Line(fact.time, fact.who, fact.text, fact.tone, fact.counted)]
            case Buried() if self._is_new(fact.place):
                return self._add_buried(fact)
            case Illegible() if self._is_new(fact.place):
                return self._add_illegible(fact)
            case Released():
                batch = self._batch(fact.batch_id, fact.dataset, fact.number)
                batch.released_at = batch.released_at or fact.time
                batch.rows = batch.rows or fact.rows
            case Schedule():
                self._datasets.add(fact.dataset)
                self.schedules[fact.dataset] = fact
            case Progress():
                # What the first look finds began before, and nobody saw when.
                began = fact.time if self._hears_trainer else None
                seen: dict[str, datetime | None] = dict.fromkeys(fact.stages, began)
                self.begun = seen | self.begun
                self.progress, self._hears_trainer = fact.stages, True
            case Door():
                self.doors[fact.url] = fact
            case Lags():
                self.lags = fact.found
            case Mended():
                self.mended[fact.url] = fact
            case Holds():
                self.held = fact.by_model
            case Action(outcome="done", what=Deed.RELEASE | Deed.REJECT):
                self._decided.add(fact.subject)
            case Action(outcome="done", details={"died_at": str(died_at)}):
                self._deeds[fact.subject, died_at] = fact.what
        return []

    def pass_time(self, now: datetime) -> list[Line]:
        """The lines that waited long enough for more to be told with them."""
        return self.promotions.pass_time(now)

    @property
    def datasets(self) -> list[str]:
        """The names of all that was heard of."""
        return sorted(self._datasets)

    @property
    def has_several(self) -> bool:
        """True when things have to be told apart by the name of their dataset."""
        return len(self._datasets) > 1

    @property
    def batches(self) -> list[Batch]:
        """All batches by dataset and number, with who serves what came of them."""
        found = map(self._with_promotion, self._batches.values())
        return sorted(found, key=lambda batch: (batch.dataset, batch.number))

    @property
    def undecided(self) -> list[Batch]:
        """The held batches that no person has released or rejected."""
        return [b for b in self.batches if b.held and b.id not in self._decided]

    @property
    def champions(self) -> list[Champion]:
        """What should serve now, one per model."""
        return [
            champion_of(
                promotion.event,
                self._batches.values(),
                self.held.get(promotion.event.model),
            )
            for promotion in self.promotions.newest()
        ]

    @property
    def buried(self) -> list[Buried]:
        """The dead letters, without those that a person is done with."""
        return [b for b in self._buried if not self._is_done(b.place, b.letter.time)]

    @property
    def illegible(self) -> list[Illegible]:
        """What lies among them and is none, as for `buried`."""
        return [
            each for each in self._illegible if not self._is_done(each.place, each.time)
        ]

    @property
    def pods(self) -> Mapping[str, Mapping[str, ModelServed]]:
        """What each pod said last of each model."""
        return self.promotions.pods

    def name(self, batch_id: str) -> str:
        """'batch 2', or 'pima batch 2' where there are several datasets."""
        batch = self._batches.get(batch_id)
        if batch is None:
            return batch_id
        return f"{batch.dataset} " * self.has_several + f"batch {batch.number}"

    def called(self, model: str, version: str) -> str:
        """'version 2', or 'pima version 2' where there are several models."""
        return sentences.version(version, of=model if self.has_several else None)

    def way(self, batch_id: str) -> str:
        """How far a batch has come, in words."""
        batch = self._batches.get(batch_id)
        return self._with_promotion(batch).way() if batch else ""

    def _with_promotion(self, batch: Batch) -> Batch:
        """What became of it since, as a promotion may be heard of before its batch."""
        for promotion in self.promotions.of_batch(batch.id):
            event = promotion.event
            batch.version, batch.promoted_at = event.model_version, event.promoted_at
            batch.served = self.promotions.swaps(promotion)
        return batch

    def _is_done(self, place: Place, died_at: datetime) -> bool:
        return self._deeds.get((str(place), died_at.isoformat())) is Deed.DONE

    def _batch(self, batch_id: str, dataset: str, number: int) -> Batch:
        self._datasets.add(dataset)
        return self._batches.setdefault(batch_id, Batch(batch_id, dataset, number))

    def _is_new(self, key: object) -> bool:
        is_new = key not in self._told
        self._told.add(key)
        return is_new

    def _add_event(self, happened: Happened) -> list[Line]:
        match happened.event:
            case BatchRaw() as event:
                return self._add_raw(event)
            case BatchClean() as event:
                return self._add_clean(event)
            case ModelPromoted() as event:
                self._datasets.add(event.model)
                promotion = Promotion(happened.envelope.id, happened.place.offset, event)
                return self.promotions.promote(promotion)
            case ModelServed() as event:
                self._datasets.add(event.model)
                return self.promotions.serve(event)
            case SourceSeen() as event:
                self.sources[event.source] = event
        return []

    def _add_raw(self, event: BatchRaw) -> list[Line]:
        batch = self._batch(event.batch_id, event.dataset, event.number)
        batch.released_at, batch.rows = event.released_at, event.rows
        if batch.raw.refused is not None:  # an earlier try
            batch.raw.refused = batch.raw.finished_at = None
        batch.raw.finish(at=event.ingested_at, rows=event.rows)
        at, attempt = event.ingested_at, event.attempt
        text = sentences.stored(
            event.rows, released_at=event.released_at, at=at, attempt=attempt
        )
        return self._line(batch, Stage.RAW, at, text, attempt=attempt)

    def _add_clean(self, event: BatchClean) -> list[Line]:
        batch = self._batch(event.batch_id, event.dataset, event.number)
        batch.released_at, batch.rows = event.released_at, event.rows_in
        batch.clean.finish(at=event.cleaned_at, rows=event.rows_out)
        text = sentences.cleaned(
            event.rows_out,
            event.rows_in,
            quarantined=event.rows_quarantined,
            seconds=batch.clean.seconds,
        )
        return self._line(batch, Stage.CLEAN, event.cleaned_at, text)

    def _add_result(self, result: StageResult) -> list[Line]:
        batch = self._batch(result.batch_id, result.dataset, result.number)
        attempt = result.statistics.get("attempt", 1)
        if dict(batch.steps)[result.stage].is_before(result):
            batch.begin_again(result.stage)
            self._told.discard((batch.id, result.stage, attempt))
        if result.again:
            return []
        step = dict(batch.steps)[result.stage]
        if result.stage is Stage.CLEAN:
            batch.quality = CleanStatistics.read(result.statistics)
        step.seconds = (result.finished_at - result.started_at).total_seconds()
        if event := announced(result):
            return (
                self._add_raw(event)
                if isinstance(event, BatchRaw)
                else self._add_clean(event)
            )
        step.finish(at=result.finished_at, rows=result.rows)
        if result.verdict is Verdict.REFUSED:
            step.refused = figures.reason(result.reason or "no reason given")
        elif result.stage is Stage.TRAINED:
            batch.training = read_training(result)
        text, tone = self._outcome(batch, result, step)
        return self._line(
            batch, result.stage, result.finished_at, text, tone, attempt=attempt
        )

    def _outcome(self, batch: Batch, result: StageResult, step: Step) -> tuple[str, Tone]:
        if step.refused is not None:
            return f"refused by the {WORKERS[result.stage]}: {step.refused}", "bad"
        if batch.training and result.stage is Stage.TRAINED:
            tones: dict[Verdict, Tone] = {Verdict.PROMOTED: "good", Verdict.HELD: "warning"}
            tone = tones.get(result.verdict, "plain")
            return sentences.trained(batch.training), tone
        return f"{result.stage}: {figures.rows(step.rows)} rows", "plain"

    def _add_buried(self, fact: Buried) -> list[Line]:
        self._buried.append(fact)
        subject = self.name(fact.batch_id) if fact.batch_id else "dead letter"
        batch = self._batches.get(fact.batch_id or "")
        is_known = batch is not None and batch.refusal is not None
        text = f"kept as dead letter {fact.place}" if is_known else sentences.buried(fact)
        return [Line(fact.letter.time, subject, text, "warning")]

    def _add_illegible(self, fact: Illegible) -> list[Line]:
        if f"{fact.place.topic}.dead" in ALL_TOPICS:
            return []  # whoever should handle it will tell, with a dead letter
        if fact.place.topic.endswith(".dead"):
            self._illegible.append(fact)
        text = f"message {fact.place} is no event of ours: {figures.reason(fact.reason)}"
        return [Line(fact.time, "kafka", text, "warning")]

    def _line(
        self,
        batch: Batch,
        stage: Stage,
        at: datetime,
        text: str,
        tone: Tone = "plain",
        *,
        attempt: object = 1,
    ) -> list[Line]:
        is_new = self._is_new((batch.id, stage, attempt))
        return [Line(at, self.name(batch.id), text, tone)] if is_new else []


def announced(result: StageResult) -> BatchRaw | BatchClean | None:
    """The event that the result became, where it is one about a batch."""
    kinds: dict[Stage, type[BatchRaw] | type[BatchClean]]
    kinds = {Stage.RAW: BatchRaw, Stage.CLEAN: BatchClean}
    kind = kinds.get(result.stage) if result.verdict is Verdict.ACCEPTED else None
    if result.announcement is None or kind is None:
        return None
    return kind.model_validate(result.announcement.body)

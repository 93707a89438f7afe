"""Which stages of a batch are to work again, and what sets them to work; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relevo_contracts.batches import batch_id
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_operations.errors import OperationError

STAGES = tuple(Stage)
DOING = {Stage.RAW: "taken", Stage.CLEAN: "cleaned", Stage.TRAINED: "trained"}


@dataclass(frozen=True)
class Line:
    """A batch and what each stage made of it, as far as it came."""

    dataset: str
    number: int
    results: Mapping[Stage, StageResult]

    @property
    def batch_id(self) -> str:
        """Its name everywhere."""
        return batch_id(self.dataset, self.number)

    @property
    def ends_at(self) -> Stage | None:
        """The first stage that refused it or has no result yet; None when all is done."""
        for stage in STAGES:
            result = self.results.get(stage)
            if result is None or result.verdict is Verdict.REFUSED:
                return stage
        return None

    @property
    def is_in_work(self) -> bool:
        """True while a stage has something to make, or to make again, of it."""
        ends_at = self.ends_at
        is_missing = ends_at is not None and ends_at not in self.results
        return is_missing or any(result.again for result in self.results.values())


@dataclass(frozen=True)
class Errand:
    """These stages work again on a batch, the first of them set to it by the event that
    `cause` became; None: the ingestor comes by itself."""

    line: Line
    stages: tuple[Stage, ...]
    cause: StageResult | None

    @property
    def first(self) -> Stage:
        """The stage that begins."""
        return self.stages[0]


def retries(line: Line) -> Errand:
    """The stage that refused the batch, or never came to an end with it, tries again.

    Raises OperationError for a batch that nobody refused.
    """
    stage, trained = line.ends_at, line.results.get(Stage.TRAINED)
    if trained and trained.verdict is Verdict.HELD and not trained.again:
        raise OperationError(
            f"{line.batch_id} is held: `relevo batches release {line.number}` has it"
            " learned from all the same"
        )
    if stage is None:
        raise OperationError(
            f"{line.batch_id} was not refused: every stage is through with it;"
            " `relevo replay` makes it again all the same"
        )
    return _errand(line, (stage,))


def replays(lines: Sequence[Line], stage: Stage) -> list[Errand]:
    """The stage and those after it work again on these batches.

    Raises OperationError when one of them is in work, or never came to the stage.
    """
    busy = [line.batch_id for line in lines if line.is_in_work]
    if busy:
        raise OperationError(
            f"{', '.join(busy)}: a stage is still at it; replay when it is through, or"
            " `relevo batches retry` what is stuck"
        )
    reached = [line for line in lines if stage in line.results]
    if not reached:
        raise OperationError(
            f"none of these batches was ever {DOING[stage]}: `relevo batches list` says why"
        )
    after = STAGES[STAGES.index(stage) :]
    return [_errand(line, after) for line in reached]


def told(errands: Sequence[Errand]) -> str:
    """What happens now, in a sentence."""
    first = errands[0]
    numbers = [errand.line.number for errand in errands]
    which = f"batch {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} batches"
    if len(numbers) > 1:
        which += f" ({numbers[0]} to {numbers[-1]})"
    stages = " and then ".join(DOING[stage] for stage in first.stages)
    when = "" if first.cause else " when the ingestor looks at the source next"
    return f"{which} of {first.line.dataset} will be {stages} again{when}"


def _errand(line: Line, stages: tuple[Stage, ...]) -> Errand:
    at = STAGES.index(stages[0])
    return Errand(line, stages, line.results[STAGES[at - 1]] if at else None)

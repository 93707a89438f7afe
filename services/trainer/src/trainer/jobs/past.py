"""What a job must know of the past: who serves, how often it was met, what to leave out.

It is asked of the catalog, not of the topic `model.promoted` itself: the registry-watcher
keeps both the same (what the topic says and the catalog lacks is noted at its start), the
verdicts are there anyway, and an answer is of this moment, without a reader that may lag.
What the watcher has not told yet stands under the alias, which the job reads first.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from relevo_contracts import BatchClean
from relevo_contracts.results import Decision, Promotion, Stage, StageResult, Verdict
from relevo_storage import Catalog, ObjectStore
from relevo_storage.catalog import Decisions, PromotionHistory
from trainer.judging.champion import Holder
from trainer.judging.spending import spent


class Memory(Catalog, PromotionHistory, Decisions, Protocol):
    """The catalog with its promotions and decisions."""


@dataclass(frozen=True)
class Past:
    """What there was before a batch, without it.

    promoted: who serves by the last promotion. verdicts: see `spending.spent`; those that
    were made again count, too. learned: the batches that had their verdict. left_out:
    those that nobody shall learn from, and why. decision: what a person decided about the
    batch itself.
    """

    promoted: Holder | None
    verdicts: Mapping[str, int]
    learned: frozenset[str]
    left_out: Mapping[str, str]
    decision: Decision | None

    def takes(self, result: StageResult, event: BatchClean) -> bool:
        """True for a clean batch that is learned from together with the event's own.

        Of a batch that was released those after it, too, which had their turn before.
        """
        is_before = result.number < event.number
        if self.decision is not None:
            is_before |= result.batch_id in self.learned
        return (
            is_before
            and result.batch_id != event.batch_id
            and result.verdict is Verdict.ACCEPTED
            and result.batch_id not in self.left_out
        )


async def past_of(event: BatchClean, memory: Memory, store: ObjectStore) -> Past:
    """Raises OutageError while the catalog or the store is away."""
    promotions = await memory.promotions(event.dataset)
    trained = await memory.results(event.dataset, Stage.TRAINED)
    results = [each for each in trained if each.batch_id != event.batch_id]
    replaced = [each for each in trained if each.batch_id == event.batch_id and each.again]
    for each in trained:
        replaced += await memory.earlier_tries(each.batch_id, Stage.TRAINED)
    decisions = await memory.decisions(event.dataset)
    last = max(promotions, key=lambda each: each.order, default=None)
    return Past(
        promoted=await _holder(last, store) if last else None,
        verdicts=spent([*results, *replaced], promotions),
        learned=frozenset(each.batch_id for each in results if each.verdict.is_of_a_model),
        left_out=left_out(results, decisions),
        decision=decisions.get(event.batch_id),
    )


def left_out(
    trained: Iterable[StageResult], decisions: Mapping[str, Decision]
) -> dict[str, str]:
    """The batches that nobody shall learn from, and why: held ones, and rejected ones."""
    held = {
        each.batch_id: f"held: {each.reason}"
        for each in trained
        if each.verdict is Verdict.HELD
    }
    decided = {batch: str(each) for batch, each in decisions.items()}
    return {
        batch: why
        for batch, why in (held | decided).items()
        if batch not in decisions or decisions[batch].decision == "rejected"
    }


async def _holder(promotion: Promotion, store: ObjectStore) -> Holder:
    try:
        content: bytes | None = await store.get(promotion.bundle_key)
    except FileNotFoundError:
        content = None
    if content and hashlib.sha256(content).hexdigest() != promotion.bundle_sha256:
        content = None
    return Holder(promotion.model_version, content)

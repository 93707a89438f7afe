"""Batches that the trainer has no result for are announced again."""

from collections.abc import Sequence

from cleaner.results import announced
from relevo_contracts import Topic
from relevo_contracts.results import Stage, StageResult
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.kafka.settings import KafkaSettings
from relevo_runtime.kafka.unread import has_unread
from relevo_runtime.reconciling import Reconciliation
from relevo_storage import Catalog, unanswered_by_dataset
from relevo_storage.once import Announce


def build_announce(publisher: EventPublisher) -> Announce:
    """How others hear of a result; raises PoisonError for a refused one."""

    async def announce(result: StageResult) -> None:
        await publisher.publish(*announced(result))

    return announce


def announcing_again(
    settings: KafkaSettings,
    datasets: Sequence[str],
    catalog: Catalog,
    publisher: EventPublisher,
) -> list[Reconciliation]:
    """One for each dataset: none waits for another."""
    announce = build_announce(publisher)

    async def unread(group: str) -> bool:
        return await has_unread(settings, topic=Topic.BATCH_CLEAN, group=group)

    unanswered = unanswered_by_dataset(
        catalog, Stage.CLEAN, announce, datasets=datasets, has_unread=unread
    )
    return [Reconciliation("announcement", each.announce_again) for each in unanswered]

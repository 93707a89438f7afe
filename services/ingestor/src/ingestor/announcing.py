"""Batches that the cleaner has no result for are announced again."""

from collections.abc import Sequence

from ingestor.results import event_of
from relevo_contracts import Topic
from relevo_contracts.results import Stage, StageResult
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.kafka.settings import KafkaSettings
from relevo_runtime.kafka.unread import has_unread
from relevo_runtime.reconciling import Reconciliation
from relevo_storage import Catalog, unanswered_by_dataset


def announcing_again(
    settings: KafkaSettings,
    datasets: Sequence[str],
    catalog: Catalog,
    publisher: EventPublisher,
) -> list[Reconciliation]:
    """One for each dataset: none waits for another."""

    async def announce(result: StageResult) -> None:
        if result.announcement is not None:
            await publisher.publish(*event_of(result.announcement))

    async def unread(group: str) -> bool:
        return await has_unread(settings, topic=Topic.BATCH_RAW, group=group)

    unanswered = unanswered_by_dataset(
        catalog, Stage.RAW, announce, datasets=datasets, has_unread=unread
    )
    return [Reconciliation("announcement", each.announce_again) for each in unanswered]

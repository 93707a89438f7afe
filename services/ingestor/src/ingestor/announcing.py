"""Batches that the cleaner has no result for are announced again."""

from collections.abc import Iterable
from functools import partial

from ingestor.results import event_of
from relevo_contracts import Topic
from relevo_contracts.results import Stage, StageResult
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.kafka.settings import KafkaSettings
from relevo_runtime.kafka.unread import has_unread
from relevo_runtime.reconciling import Reconciliation
from relevo_storage import Catalog, Unanswered

LISTENER = "cleaner"
"""The group that answers batch.raw."""


def announcing_again(
    settings: KafkaSettings,
    datasets: Iterable[str],
    catalog: Catalog,
    publisher: EventPublisher,
) -> list[Reconciliation]:
    """One for each dataset: none waits for another."""
    unread = partial(has_unread, settings, topic=Topic.BATCH_RAW, group=LISTENER)

    async def announce(result: StageResult) -> None:
        if result.announcement is not None:
            await publisher.publish(*event_of(result.announcement))

    unanswered = [
        Unanswered(catalog, name, Stage.RAW, announce, has_unread=unread)
        for name in datasets
    ]
    return [Reconciliation("announcement", each.announce_again) for each in unanswered]

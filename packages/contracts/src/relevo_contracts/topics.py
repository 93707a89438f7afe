"""The topics of the platform, and how the broker must keep each of them."""

from enum import StrEnum

DAY_MS = 24 * 60 * 60 * 1000
MAX_MESSAGE_BYTES = 1_048_588
"""Kafka's default, said aloud because producers rely on it: body, key and headers."""
DEAD_LETTER_ROOM = 65_536
"""So much larger is a dead letter allowed to be than the message that it keeps."""


class Topic(StrEnum):
    """One topic per kind of fact; a topic of dead letters beside each work topic."""

    BATCH_RAW = "batch.raw"
    BATCH_CLEAN = "batch.clean"
    BATCH_HELD = "batch.held"
    MODEL_PROMOTED = "model.promoted"
    MODEL_SERVED = "model.served"
    SOURCE_SEEN = "source.seen"
    BATCH_RAW_DEAD = "batch.raw.dead"
    BATCH_CLEAN_DEAD = "batch.clean.dead"

    @property
    def partitions(self) -> int:
        """How many partitions: the upper bound of consumers that share the work."""
        return {Topic.BATCH_RAW: 6, Topic.BATCH_CLEAN: 3}.get(self, 1)

    @property
    def configuration(self) -> dict[str, str]:
        """The broker's settings of this topic, in Kafka's own words."""
        size = {"max.message.bytes": str(self.max_message_bytes)}
        if self in {Topic.MODEL_PROMOTED, Topic.SOURCE_SEEN}:
            return size | {
                "cleanup.policy": "compact",
                "min.cleanable.dirty.ratio": "0.1",
                "segment.ms": str(DAY_MS),
            }
        days = 30 if self.is_dead else 7
        # a batch waits for its stage as long as it takes: events are small
        is_work = self in {Topic.BATCH_RAW, Topic.BATCH_CLEAN}
        kept = "-1" if is_work else str(days * DAY_MS)
        return size | {"cleanup.policy": "delete", "retention.ms": kept}

    @property
    def max_message_bytes(self) -> int:
        """The largest record batch that the broker takes."""
        return MAX_MESSAGE_BYTES + (DEAD_LETTER_ROOM if self.is_dead else 0)

    @property
    def is_dead(self) -> bool:
        """True for a topic that holds dead letters."""
        return self.value.endswith(".dead")

    @property
    def dead(self) -> "Topic":
        """The topic that takes this topic's dead letters.

        Raises ValueError for a topic whose messages are never dead-lettered.
        """
        return Topic(f"{self.value}.dead")

"""A rebalance waits for the running handler, so that its message is not handled twice."""

from aiokafka import ConsumerRebalanceListener, TopicPartition

from relevo_runtime.kafka.delivery import Delivery


class Draining(ConsumerRebalanceListener):
    """Gives partitions back after the handler ended and its offset is committed.

    A handler that takes longer than `seconds` goes on; the partition's new owner is told
    so by the lease, and waits for the result.
    """

    def __init__(self, delivery: Delivery, *, seconds: float) -> None:
        self._delivery = delivery
        self._seconds = seconds

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        if revoked:
            await self._delivery.rest(self._seconds)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._delivery.pausing.keep(assigned)

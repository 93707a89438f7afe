"""One look at the broker: what is asked, in which order."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from lag_watcher.lag import Group, Look, Partition, Position, Span, lags, standings, waiting


class Broker(Protocol):
    """What can be seen of Kafka from outside; all of it raises OutageError."""

    async def partitions(self) -> set[Partition]:
        """All partitions of all topics, without Kafka's own."""

    async def groups(
        self, partitions: Collection[Partition], expected: Collection[str]
    ) -> list[Group]:
        """All consumer groups and the expected ones, with their commits in these."""

    async def spans(self, partitions: Collection[Partition]) -> dict[Partition, Span]:
        """What the logs hold."""

    async def written_at(self, positions: Collection[Position]) -> dict[Position, float]:
        """The Unix time of each of these records that can be read."""


async def look(
    broker: Broker,
    expected: Mapping[str, Collection[str]],
    clock: Callable[[], float] = time.time,
) -> Look:
    """See all lags; `expected` gives the topics that a group should read.

    The ends are asked after the commits: else a quick consumer would seem to have
    committed beyond the end, as if its topic had been made anew.
    """
    partitions = await broker.partitions()
    groups = await broker.groups(partitions, expected)
    spans = await broker.spans(partitions)
    standing = standings(groups, spans, expected)
    written_at = await broker.written_at(waiting(standing))
    return Look(tuple(groups), spans, lags(standing, written_at, clock()))

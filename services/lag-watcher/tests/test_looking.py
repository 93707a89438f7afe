"""One look: in which order the broker is asked, and what comes of it."""

from collections.abc import Collection

from lag_watcher.lag import Group, Partition, Position, Span
from lag_watcher.looking import look

RAW = Partition("batch.raw", 0)


class BusyBroker:
    """A broker whose only group reads and commits a record between any two questions."""

    def __init__(self) -> None:
        self._end = 10

    async def partitions(self) -> set[Partition]:
        return {RAW}

    async def groups(
        self, partitions: Collection[Partition], expected: Collection[str]
    ) -> list[Group]:
        self._end += 1
        return [Group("cleaner", "Stable", 1, {RAW: self._end})]

    async def spans(self, partitions: Collection[Partition]) -> dict[Partition, Span]:
        self._end += 1
        return {RAW: Span(0, self._end)}

    async def written_at(self, positions: Collection[Position]) -> dict[Position, float]:
        return dict.fromkeys(positions, 1000.0)


async def test_a_group_that_keeps_up_while_we_look_is_one_record_behind_at_most() -> None:
    seen = await look(BusyBroker(), {}, clock=lambda: 1_000.5)

    [lag] = seen.lags
    assert lag.standing.records == 1
    assert lag.seconds == 0.5
    assert seen.spans == {RAW: Span(0, 12)}

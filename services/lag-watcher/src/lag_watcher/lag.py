"""How far behind each consumer group is: offsets and times in, lags out."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Partition(NamedTuple):
    """One partition of a topic."""

    topic: str
    number: int


class Span(NamedTuple):
    """The offsets that a partition's log holds: start <= offset < end."""

    start: int
    end: int


class Position(NamedTuple):
    """A record's place: the first one at or after `offset` is meant."""

    partition: Partition
    offset: int


@dataclass(frozen=True)
class Group:
    """A consumer group as its coordinator tells it.

    state: Kafka's word (Stable, Empty, Dead, ...). assigned: what its members have now.
    """

    name: str
    state: str
    members: int
    committed: Mapping[Partition, int]
    assigned: Collection[Partition] = ()


@dataclass(frozen=True)
class Standing:
    """Where a group stands in a partition; `committed` is None if it never committed."""

    group: str
    partition: Partition
    committed: int | None
    span: Span

    @property
    def next(self) -> Position:
        """What the group would read next.

        Without a commit, or with one outside of the log (what it names was deleted by
        retention, or with the topic), our consumers begin at the log's start.
        """
        start, end = self.span
        inside = self.committed is not None and start <= self.committed <= end
        offset = self.committed if self.committed is not None and inside else start
        return Position(self.partition, offset)

    @property
    def records(self) -> int:
        """How many offsets the group has not committed yet."""
        return self.span.end - self.next.offset


@dataclass(frozen=True)
class Lag:
    """A standing and the age in seconds of its oldest waiting record.

    The age is 0 when nothing waits and None when the record could not be read.
    """

    standing: Standing
    seconds: float | None


@dataclass(frozen=True)
class Look:
    """All that was seen at one moment."""

    groups: tuple[Group, ...]
    spans: Mapping[Partition, Span]
    lags: tuple[Lag, ...]


def standings(
    groups: Collection[Group],
    spans: Mapping[Partition, Span],
    expected: Mapping[str, Collection[str]],
) -> list[Standing]:
    """Where each group stands in every partition of every topic that concerns it.

    A topic concerns a group that has committed in it, that has it assigned, or that is
    expected to read it. A partition that does not exist any more has no standing.
    """
    return [
        Standing(group.name, partition, group.committed.get(partition), spans[partition])
        for group in groups
        for partition in sorted(concerning(group, spans, expected.get(group.name, ())))
    ]


def concerning(
    group: Group, partitions: Collection[Partition], expected: Collection[str]
) -> Iterator[Partition]:
    """Those of the partitions whose topic the group reads or should read."""
    seen = {partition.topic for partition in (*group.committed, *group.assigned)}
    topics = seen | set(expected)
    return (partition for partition in partitions if partition.topic in topics)


def waiting(standing: Collection[Standing]) -> set[Position]:
    """The oldest waiting record of each standing that has one."""
    return {s.next for s in standing if s.records > 0}


def lags(
    standing: Collection[Standing],
    written_at: Mapping[Position, float],
    now: float,
) -> tuple[Lag, ...]:
    """The lags; times are Unix times, `written_at` has those of the records in `waiting`.

    A record from the future (a clock that goes wrong) is 0 seconds old.
    """

    def age(s: Standing) -> float | None:
        if s.records <= 0:
            return 0.0
        written = written_at.get(s.next)
        return None if written is None else max(0.0, now - written)

    return tuple(Lag(s, age(s)) for s in standing)


def rounds(positions: Collection[Position]) -> list[dict[Partition, int]]:
    """The positions in as few rounds as can be, each partition once in a round."""
    result: list[dict[Partition, int]] = []
    for partition, offset in sorted(positions):
        for together in result:
            if partition not in together:
                together[partition] = offset
                break
        else:
            result.append({partition: offset})
    return result

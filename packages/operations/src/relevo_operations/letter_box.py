"""The port through which dead letters are read and sent again."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from relevo_contracts import records


class Record(records.Record, Protocol):
    """What Kafka keeps of one message; `milliseconds` is the record's own time."""

    @property
    def milliseconds(self) -> int: ...


class LetterBox(Protocol):
    """The topics of dead letters; every adapter raises OutageError while they are away."""

    async def records(self) -> Sequence[Record]:
        """Every record of every topic of dead letters, oldest first."""

    async def send(
        self,
        topic: str,
        *,
        key: bytes | None,
        body: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> tuple[int, int]:
        """Send a message; answers its partition and offset."""

    async def committed(self, topic: str) -> Mapping[str, Mapping[int, int]]:
        """By consumer group and partition: the offset of the next message it takes."""

"""What everybody needs of a record that a Kafka client gives."""

from collections.abc import Sequence
from typing import Protocol


class Record(Protocol):
    """A message and where it lies; aiokafka's ConsumerRecord is one."""

    @property
    def topic(self) -> str: ...

    @property
    def partition(self) -> int: ...

    @property
    def offset(self) -> int: ...

    @property
    def key(self) -> bytes | None: ...

    @property
    def value(self) -> bytes | None: ...

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...

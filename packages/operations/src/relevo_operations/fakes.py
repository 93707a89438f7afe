"""The ports in memory, for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relevo_contracts import OutageError
from relevo_contracts.registry_notes import Held, Moved
from relevo_operations.letter_box import Record
from relevo_operations.registry import RegisteredModel, Version


class MemoryRegistry:
    """Registry in dictionaries; `stuck = True`: an alias does not move."""

    def __init__(
        self, models: Mapping[str, str | None], versions: Mapping[str, Sequence[Version]]
    ) -> None:
        self.champions = dict(models)
        self.versions = versions
        self.notes: dict[str, Moved] = {}
        self.holds: dict[str, Held] = {}
        self.stuck = False

    async def models(self) -> list[RegisteredModel]:
        return [
            RegisteredModel(name=name, champion=champion, held=self.holds.get(name))
            for name, champion in self.champions.items()
        ]

    async def model(self, name: str) -> RegisteredModel | None:
        return next((each for each in await self.models() if each.name == name), None)

    async def version(self, model: str, number: str) -> Version | None:
        found = self.versions.get(model, ())
        return next((each for each in found if each.number == number), None)

    async def move(self, model: str, moved: Moved) -> None:
        self.notes[model] = moved
        if self.stuck:
            raise OutageError("MLflow is away, says the test")
        self.champions[model] = moved.version

    async def hold(self, model: str, held: Held | None) -> None:
        self.holds.pop(model, None)
        if held:
            self.holds[model] = held


@dataclass(frozen=True)
class MemoryRecord:
    """A Record."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    key: bytes | None = b"key"
    milliseconds: int = 0


class MemoryLetterBox:
    """LetterBox in lists; what is sent gets the offsets from 100 on."""

    def __init__(self, *records: Record) -> None:
        self.lying: list[Record] = list(records)
        self.sent: list[MemoryRecord] = []
        self.reached: dict[str, dict[str, dict[int, int]]] = {}

    async def records(self) -> Sequence[Record]:
        return self.lying

    async def send(
        self,
        topic: str,
        *,
        key: bytes | None,
        body: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> tuple[int, int]:
        offset = 100 + len(self.sent)
        self.sent.append(MemoryRecord(topic, 2, offset, body, headers, key))
        return 2, offset

    async def committed(self, topic: str) -> Mapping[str, Mapping[int, int]]:
        return self.reached.get(topic, {})

"""The platform in a person's hands, opened for each use: MLflow, Kafka, the history."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from relevo_operations.batches import Batches, Kept
from relevo_operations.dead_letters import DeadLetters
from relevo_operations.held_batches import HeldBatches, Record
from relevo_operations.history import History
from relevo_operations.kafka_letter_box import KafkaLetterBox
from relevo_operations.mlflow_registry import open_registry
from relevo_operations.models import Models
from relevo_story.sources.topics import read_dead_letters


class Records(Kept, Record, Protocol):
    """The catalog: what it keeps of batches, of decisions about them, and its history."""


@dataclass(frozen=True)
class Hands:
    """Each is opened for one page or one deed; all raise OutageError while it is away."""

    models: Callable[[], AbstractAsyncContextManager[Models]]
    letters: Callable[[], AbstractAsyncContextManager[DeadLetters]]
    batches: Callable[[], AbstractAsyncContextManager[Batches]]
    held: Callable[[], AbstractAsyncContextManager[HeldBatches]]
    history: Callable[[], AbstractAsyncContextManager[History]]


def hands_at(
    kafka: str, mlflow: str, history: Callable[[], AbstractAsyncContextManager[Records]]
) -> Hands:
    """Those of the platform at these addresses."""

    @asynccontextmanager
    async def models() -> AsyncIterator[Models]:
        async with history() as kept, open_registry(mlflow) as registry:
            yield Models(registry, kept)

    @asynccontextmanager
    async def letters() -> AsyncIterator[DeadLetters]:
        async with history() as kept:
            yield DeadLetters(KafkaLetterBox(kafka, read_dead_letters), kept)

    @asynccontextmanager
    async def batches() -> AsyncIterator[Batches]:
        async with history() as kept:
            yield Batches(kept, KafkaLetterBox(kafka, read_dead_letters))

    @asynccontextmanager
    async def held() -> AsyncIterator[HeldBatches]:
        async with history() as kept:
            yield HeldBatches(kept)

    return Hands(models, letters, batches, held, history)

"""Promotions as the registry-watcher makes them, and when each pod served them."""

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer

from relevo_bundles import Bundle
from relevo_contracts import Envelope, ModelPromoted, ModelServed, ObjectRef, Topic
from relevo_runtime.kafka.publisher import EventPublisher, open_publisher
from relevo_runtime.settings import ServiceSettings
from relevo_storage import ObjectStore

BACK = 0.1
"""So many of the promotions go back to the version before."""
LIMIT_SECONDS = 30.0


@dataclass
class Promoted:
    """A promotion: its version, its model's place, when it was published and served."""

    version: int
    model: int
    published: float
    served: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """From the moment before it was published until the last pod served it."""
        return max(self.served.values()) - self.published


class Promoter:
    """Promotes the models in a random order, each time under a version of its own."""

    def __init__(
        self, publisher: EventPublisher, models: Sequence[bytes], pods: int, *, first: int
    ) -> None:
        self.promoted: list[Promoted] = []
        self._refusal: ModelServed | None = None
        self._publisher = publisher
        self._models = models
        self._manifests = [Bundle.read(model).manifest for model in models]
        self._pods = pods
        self._next = first
        self._random = random.Random(1)  # noqa: S311 (an order, no secret)
        self._by_id: dict[str, Promoted] = {}
        self._told = asyncio.Condition()

    async def promote(self) -> None:
        """The next promotion; returns when every pod has told that it serves.

        Raises RuntimeError when one has refused it.
        """
        promoted = self._choose()
        event = self._event(promoted)
        envelope = Envelope.of(event, source="benchmark", cause=f"{len(self.promoted)}")
        self._by_id[envelope.id] = promoted
        self.promoted.append(promoted)
        promoted.published = time.time()
        await self._publisher.publish(event, envelope)
        async with asyncio.timeout(LIMIT_SECONDS), self._told:
            await self._told.wait_for(
                lambda: len(promoted.served) == self._pods or self._refusal is not None
            )
        if self._refusal is not None:
            raise RuntimeError(f"{self._refusal.pod} refused: {self._refusal.reason}")

    def _choose(self) -> Promoted:
        if len(self.promoted) > 1 and self._random.random() < BACK:
            before = self.promoted[-2]
            return Promoted(before.version, before.model, 0.0)
        self._next += 1
        last = self.promoted[-1].model if self.promoted else None
        others = [place for place in range(len(self._models)) if place != last]
        return Promoted(self._next, self._random.choice(others), 0.0)

    def _event(self, promoted: Promoted) -> ModelPromoted:
        manifest = self._manifests[promoted.model]
        return ModelPromoted(
            model=manifest.model,
            model_version=str(promoted.version),
            dataset=manifest.dataset,
            bundle=reference(self._models[promoted.model]),
            signature_sha256=manifest.signature_sha256,
            run_id=manifest.lineage.run_id,
            batches=manifest.lineage.batches,
            promoted_at=datetime.now(UTC),
        )

    async def hear(self, consumer: AIOKafkaConsumer) -> None:
        """Note what the pods tell, for ever."""
        async for record in consumer:
            fact = ModelServed.model_validate_json(record.value)
            promoted = self._by_id.get(fact.promotion_id)
            async with self._told:
                if fact.outcome == "refused":
                    self._refusal = fact
                elif promoted is not None:
                    promoted.served[fact.pod] = fact.served_at.timestamp()
                self._told.notify_all()


def reference(model: bytes) -> ObjectRef:
    """Where a model's bundle lies."""
    sha256 = hashlib.sha256(model).hexdigest()
    return ObjectRef(key=f"bundles/swap/{sha256}.zip", sha256=sha256, size=len(model))


async def store_models(store: ObjectStore, models: Sequence[bytes]) -> None:
    """Put the bundles where the promotions say that they are."""
    for model in models:
        await store.put(reference(model).key, model)


@asynccontextmanager
async def promoting(
    kafka: str, models: Sequence[bytes], pods: int, *, first: int
) -> AsyncIterator[Promoter]:
    """A promoter that hears the pods; its versions begin after `first`."""
    settings = ServiceSettings(kafka_bootstrap_servers=kafka)
    consumer = AIOKafkaConsumer(Topic.MODEL_SERVED.value, bootstrap_servers=kafka)
    await consumer.start()
    try:
        async with open_publisher(settings, service="benchmark") as publisher:
            promoter = Promoter(publisher, models, pods, first=first)
            hearing = asyncio.create_task(promoter.hear(consumer))
            yield promoter
            hearing.cancel()
            await asyncio.wait([hearing])
    finally:
        await consumer.stop()

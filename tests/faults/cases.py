"""Where each service dies: after each of its effects, and before the first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

How = Literal["process", "family"]


@dataclass(frozen=True)
class Death:
    """A service dies at a point; `calls` is 1 for the first time that it comes by."""

    service: str
    point: str
    when: Literal["before", "after"] = "after"
    calls: int = 1

    def __str__(self) -> str:
        return f"{self.service} {self.when} {self.point}"


WAYS: dict[str, tuple[str, ...]] = {
    "ingestor": (
        "HttpSource.fetch",
        "MinioStore.put:raw",
        "PostgresCatalog.record:raw",
        "KafkaPublisher.publish:batch.raw",
        "PostgresCatalog.mark_announced:raw",
    ),
    "cleaner": (
        "MinioStore.put:reports",
        "MinioStore.put:clean",
        "PostgresCatalog.record:clean",
        "KafkaPublisher.publish:batch.clean",
        "PostgresCatalog.mark_announced:clean",
        "AIOKafkaConsumer.commit:batch.raw",
    ),
    "trainer": (
        "MlflowClient.create_run",
        "MlflowClient.log_inputs",
        "MlflowClient.log_batch",
        "MlflowClient.create_logged_model",
        "MlflowClient.log_model_artifacts",
        "MlflowClient.finalize_logged_model",
        "MlflowClient.log_outputs",
        "MlflowClient.create_model_version",
        "MlflowClient.set_registered_model_tag",
        "MlflowClient.set_registered_model_alias",
        "MlflowClient.set_terminated",
        "PostgresCatalog.record:trained",
        "AIOKafkaConsumer.commit:batch.clean",
    ),
    "registry-watcher": (
        "MinioStore.put:bundles",
        "KafkaPublisher.publish:model.promoted",
        "PostgresCatalog.record_promotion",
    ),
    "pod-1": ("Slot.serve", "KafkaPublisher.publish:model.served"),
}
"""The effects of each service, in the order in which a batch, or its model, meets them."""


def deaths(service: str) -> Iterator[Death]:
    """Before the first effect, and after each: between two there is nothing to be lost."""
    first, *_ = WAYS[service]
    yield Death(service, first, "before")
    for point in WAYS[service]:
        yield Death(service, point)


def in_pairs(deaths: Sequence[Death]) -> Iterator[tuple[Death, ...]]:
    """Two deaths for each batch: the third would be taken for the batch's own fault."""
    for place in range(0, len(deaths), 2):
        yield tuple(deaths[place : place + 2])

"""Where each service dies: after each of its effects, and before the first."""

from collections.abc import Iterable, Iterator
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
        "NumberedSource.next",
        "PostgresLeases._take:raw",
        "MinioStore.put:raw",
        "PostgresCatalog.record:raw",
        "PostgresLeases._give_back:raw",
        "KafkaPublisher.publish:batch.raw",
        "PostgresCatalog.mark_announced:raw",
    ),
    "cleaner": (
        "PostgresLeases._take:clean",
        "MinioStore.put:reports",
        "MinioStore.put:quarantine",
        "MinioStore.put:clean",
        "PostgresCatalog.record:clean",
        "PostgresLeases._give_back:clean",
        "KafkaPublisher.publish:batch.clean",
        "PostgresCatalog.mark_announced:clean",
        "AIOKafkaConsumer.commit:batch.raw",
    ),
    "trainer": (
        "PostgresLeases._take:trained",
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
        "MlflowClient.set_model_version_tag",
        "MlflowClient.set_terminated",
        "PostgresCatalog.record:trained",
        "PostgresLeases._give_back:trained",
        "PostgresCatalog.mark_announced:trained",
        "AIOKafkaConsumer.commit:batch.clean",
    ),
    "registry-watcher": (
        "MinioStore.put:bundles",
        "PostgresCatalog.record_promotion",
        "KafkaPublisher.publish:model.promoted",
    ),
    "pod-1": ("Slot.serve", "KafkaPublisher.publish:model.served"),
}
"""The effects of each service, in the order in which a batch, or its model, meets them."""

SERVICES = ("ingestor", "cleaner", "trainer", "registry-watcher", "pod-1")
AT_THE_START = dict.fromkeys(SERVICES, ("MinioStore.ensure_bucket",)) | {
    "ingestor": ("MinioStore.ensure_bucket", "KafkaPublisher.publish:source.seen"),
    "registry-watcher": ("MinioStore.ensure_bucket", "MlflowRegistry.call_back"),
}
"""What a service does whenever it starts."""

OF_THE_FIRST = ("MlflowClient.create_experiment", "MlflowClient.create_registered_model")
"""What the trainer does for the first batch of a dataset."""

OF_A_REPEAT = ("MlflowClient.delete_logged_model", "MlflowClient.delete_run")
"""What the trainer does when an earlier attempt has left a run with a model behind."""

OF_A_HELD_BATCH = tuple(
    Death("trainer", point)
    for point in (
        "MlflowClient.log_inputs",
        "MlflowClient.log_batch",
        "MlflowClient.set_terminated",
        "PostgresCatalog.record:trained",
        "KafkaPublisher.publish:batch.held",
        "PostgresCatalog.mark_announced:trained",
    )
)
"""What the trainer does with a batch that it holds."""

HALF_OF_THE_FILES = Death("trainer", "HttpArtifactRepository.log_artifact", calls=5)

OF_A_REFUSAL = {
    "garbage": (
        Death("ingestor", "KafkaPublisher.bury:batch.raw.dead"),
        Death("ingestor", "PostgresCatalog.mark_announced:raw"),
    ),
    "short": (
        Death("cleaner", "PostgresCatalog.record:clean"),
        Death("cleaner", "KafkaPublisher.bury:batch.raw.dead"),
    ),
    "lonely": (
        Death("trainer", "PostgresCatalog.record:trained"),
        Death("trainer", "KafkaPublisher.bury:batch.clean.dead"),
    ),
}
"""What a service does with a batch that it refuses."""

MENDED = (
    Death("ingestor", "PostgresCatalog.record_again"),
    Death("ingestor", "KafkaPublisher.publish:batch.raw"),
)
"""What the ingestor does with a refused batch whose source has mended it."""

ONE_OF_EACH = (
    Death("ingestor", "PostgresCatalog.record:raw"),
    Death("cleaner", "KafkaPublisher.publish:batch.clean"),
    Death("trainer", "MlflowClient.create_model_version"),
    Death("registry-watcher", "PostgresCatalog.record_promotion"),
    Death("pod-1", "Slot.serve"),
)
"""Between two effects that are of the same fact."""


def known() -> set[str]:
    """ "SERVICE POINT" of each effect after which a service dies in some case."""
    trained = (*OF_THE_FIRST, *OF_A_REPEAT, HALF_OF_THE_FILES.point)
    ways = (*OF_A_REFUSAL.values(), OF_A_HELD_BATCH, MENDED)
    others = (death for way in ways for death in way)
    return {
        *(f"{service} {point}" for service, way in WAYS.items() for point in way),
        *(f"{service} {point}" for service, way in AT_THE_START.items() for point in way),
        *(f"trainer {point}" for point in trained),
        *(f"{death.service} {death.point}" for death in others),
    }


def deaths(service: str) -> Iterator[Death]:
    """Before the first effect, and after each: between two there is nothing to be lost."""
    first, *_ = WAYS[service]
    yield Death(service, first, "before")
    for point in WAYS[service]:
        yield Death(service, point)


def in_the_job() -> Iterator[Death]:
    """Where the trainer's job can die by itself, and the service lives."""
    return (death for death in deaths("trainer") if death.point.startswith("Mlflow"))


def in_pairs(deaths: Iterable[Death]) -> Iterator[tuple[Death, ...]]:
    """Two deaths for each batch: the third would be taken for the batch's own fault.

    A lease is given back by who has recorded the result, and never after a death there.
    """
    pair: list[Death] = []
    for death in deaths:
        if len(pair) == 2 or (pair and "._give_back" in death.point):
            yield tuple(pair)
            pair = []
        pair.append(death)
    if pair:
        yield tuple(pair)

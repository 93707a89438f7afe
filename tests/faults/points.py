"""The points: every method of an adapter that changes something outside of its process.

What a port has is found by introspection; here is said what of it only looks. A point is
called as the class and the method, such as `PostgresCatalog.record`. A lease is a block:
its points are what is done when it is entered and when it is left.
"""

from collections.abc import Iterable, Mapping

STORAGE = {
    "relevo_storage.minio_store": ["MinioStore.ensure_bucket", "MinioStore.put"],
    "relevo_storage.postgres_catalog": [
        "PostgresCatalog.ask_again",
        "PostgresCatalog.decide",
        "PostgresCatalog.mark_announced",
        "PostgresCatalog.record",
        "PostgresCatalog.record_action",
        "PostgresCatalog.record_again",
        "PostgresCatalog.record_promotion",
    ],
    "relevo_storage.postgres_leases": [
        "PostgresLeases._give_back",
        "PostgresLeases._take",
    ],
}
KAFKA = {
    "relevo_runtime.kafka.publisher": ["KafkaPublisher.bury", "KafkaPublisher.publish"],
    "aiokafka.consumer.consumer": ["AIOKafkaConsumer.commit"],
    "aiokafka.admin.client": [
        "AIOKafkaAdminClient.alter_configs",
        "AIOKafkaAdminClient.create_topics",
    ],
}
SOURCE = {"ingestor.sources.numbered": ["NumberedSource.next"]}
MLFLOW = {
    "mlflow.tracking.client": [
        f"MlflowClient.{name}"
        for name in (
            "create_experiment",
            "create_logged_model",
            "create_model_version",
            "create_registered_model",
            "create_run",
            "delete_logged_model",
            "delete_run",
            "finalize_logged_model",
            "log_batch",
            "log_inputs",
            "log_model_artifacts",
            "log_outputs",
            "set_model_version_tag",
            "set_registered_model_alias",
            "set_registered_model_tag",
            "set_terminated",
        )
    ],
    "mlflow.store.artifact.http_artifact_repo": ["HttpArtifactRepository.log_artifact"],
}
REGISTRY = {
    "registry_watcher.mlflow_registry": [
        "MlflowRegistry.call_back",
        "MlflowRegistry.hold_back",
        "MlflowRegistry.refuse",
    ]
}
DUTY = {"inference.duty.slot": ["Slot.refuse", "Slot.serve"]}

POINTS: Mapping[str, list[str]] = {
    **STORAGE,
    **KAFKA,
    **SOURCE,
    **MLFLOW,
    **REGISTRY,
    **DUTY,
}
"""By the module that has them."""

CHANGED: Mapping[str, Mapping[str, object]] = {
    "trainer.recording.model_folder": {"SHIPPED_CODE": []},
    "trainer.judging.spending": {"EVER": 1.9},
}
"""Our own source goes to MLflow with each version: most of the time, for nothing. And a
model that is not much worse is promoted, as most batches here teach nothing new."""

READS = {
    "ActionHistory.actions",
    "Catalog.earlier_tries",
    "Catalog.find",
    "Catalog.results",
    "Catalog.revision",
    "Catalog.unannounced",
    "Catalog.unanswered",
    "Decisions.decisions",
    "ObjectStore.exists",
    "ObjectStore.get",
    "Place.address",
    "Place.entries",
    "Place.read",
    "PromotionHistory.last_promotions",
    "PromotionHistory.promotions",
    "Reader.accept",
    "Reader.write",
    "Registry.aliases",
    "Registry.bundle",
    "Registry.champion",
    "SourceClock.asleep_until",
    "SourceInstance.state",
    "Stream.bounds",
    "Stream.records",
}
"""Methods of ports that leave the world as it is."""

ELSEWHERE = {"AnswerForm", "TaskMeaning", "Tracking"}
"""Ports without points: two are pure, Tracking is MLflow's client, call by call."""

LOOKS = {
    "close",
    "describe_cluster",
    "describe_configs",
    "describe_topics",
    "get_experiment_by_name",
    "get_model_version_by_alias",
    "get_model_version_download_uri",
    "get_registered_model",
    "list_topics",
    "search_logged_models",
    "search_model_versions",
    "search_runs",
    "start",
}
"""Methods of MLflow's client, and of Kafka's for topics, that leave them as they are."""

ADAPTERS = {
    "ActionHistory": "PostgresCatalog",
    "Catalog": "PostgresCatalog",
    "Decisions": "PostgresCatalog",
    "EventPublisher": "KafkaPublisher",
    "ObjectStore": "MinioStore",
    "PromotionHistory": "PostgresCatalog",
    "Registry": "MlflowRegistry",
    "Source": "NumberedSource",
}
"""What a service has for a port."""

BLOCKS = {"Leases.lease": ("PostgresLeases._take", "PostgresLeases._give_back")}
"""Of a port's method that is a block: what enters it, and what leaves it."""


def named(points: Iterable[list[str]] = POINTS.values()) -> set[str]:
    """All points."""
    return {point for module in points for point in module}

"""Every metric of the registry-watcher."""

from prometheus_client import Counter, Gauge, Histogram

NUDGES = Counter(
    "relevo_registry_watcher_nudges_total", "Webhooks received, by outcome", ["outcome"]
)
PROMOTIONS = Counter(
    "relevo_registry_watcher_promotions_total", "Promotions published", ["model"]
)
REFUSALS = Counter(
    "relevo_registry_watcher_refusals_total",
    "Champions that cannot be served: no bundle, or not the one that was logged",
    ["model"],
)
HELD_BACK = Gauge(
    "relevo_registry_watcher_champion_held_back",
    "1 while the champion is not promoted because it has seen fewer batches than the "
    "version that is promoted",
    ["model"],
)
BUNDLE_LOST = Gauge(
    "relevo_registry_watcher_bundle_lost",
    "1 while the promoted version's bundle is neither in the object store nor in MLflow",
    ["model"],
)
CHAMPION_VERSION = Gauge(
    "relevo_registry_watcher_champion_version", "The version that should serve", ["model"]
)
HELD = Gauge(
    "relevo_registry_watcher_model_held",
    "1 while a person holds the model: the trainer does not move its alias",
    ["model"],
)
RECONCILED_AT = Gauge(
    "relevo_registry_watcher_reconciled_timestamp_seconds",
    "When MLflow and Kafka were last seen to agree",
)
RECONCILE_DURATION = Histogram(
    "relevo_registry_watcher_reconcile_duration_seconds",
    "One look at the registry, with what followed from it",
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
PROMOTED_AT = Gauge(
    "relevo_registry_watcher_promoted_timestamp_seconds",
    "When the version that should serve was promoted",
    ["model", "model_version"],
)
NEWEST_BATCH_RELEASED_AT = Gauge(
    "relevo_registry_watcher_newest_batch_released_timestamp_seconds",
    "When the newest batch was released that the version that should serve has seen; "
    "absent after a rollback",
    ["model", "batch_id"],
)
MLFLOW_AWAY_SINCE = Gauge(
    "relevo_registry_watcher_mlflow_away_since_timestamp_seconds",
    "Unix time since when MLflow does not answer; 0: its last answer came",
)

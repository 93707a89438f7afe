"""Every metric of the trainer."""

from prometheus_client import Counter, Gauge, Histogram

STAGE = Gauge(
    "relevo_trainer_stage",
    "1 for what the trainer does now, with which batch; absent when it rests",
    ["batch_id", "stage"],
)
STAGE_DURATION = Histogram(
    "relevo_trainer_stage_seconds",
    "How long a stage of a training took",
    ["stage"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60),
)
TRAINING = Histogram(
    "relevo_trainer_training_seconds",
    "How long a whole training took, from the event to the verdict",
    buckets=(2, 4, 6, 8, 10, 15, 20, 30, 60, 120, 300),
)
VERDICTS = Counter(
    "relevo_trainer_verdicts", "Trainings by verdict: promoted, kept, refused", ["verdict"]
)
VALIDATION_AUC = Gauge(
    "relevo_trainer_validation_roc_auc_ratio",
    "ROC-AUC of the newest candidates on the validation rows",
    ["algorithm"],
)
TEST_AUC = Gauge(
    "relevo_trainer_test_roc_auc_ratio",
    "ROC-AUC of the newest challenger, and of the champion, on the test rows",
    ["who"],
)
LIVE_AUC = Gauge(
    "relevo_trainer_live_roc_auc_ratio",
    "ROC-AUC of the champion on the newest batch, before anything learned from it",
)
PEAK_MEMORY = Gauge("relevo_trainer_job_peak_bytes", "The most that a training took")
NEWEST_BATCH = Gauge(
    "relevo_trainer_newest_batch_number", "The batch that got its verdict last", ["dataset"]
)
RELEASED_TO_VERDICT = Gauge(
    "relevo_trainer_released_to_verdict_seconds",
    "From the release of the newest batch to its verdict",
    ["batch_id"],
)
VERSION_QUALITY = Gauge(
    "relevo_trainer_version_quality_ratio",
    "A figure of the newest version on the test rows, and its 95 % interval; bound: "
    "value, low, high",
    ["model_version", "figure", "bound"],
)

# A series that begins with 1 shows no increase: those that are known begin with 0.
for _verdict in ("promoted", "kept", "refused"):
    VERDICTS.labels(_verdict)

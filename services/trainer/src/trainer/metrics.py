"""Every metric of the trainer."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from relevo_contracts import metric_names

STAGE = Gauge(
    metric_names.TRAINER_STAGE,
    "1 for what the trainer does now, with which batch; absent when it rests",
    ["model", "batch_id", "stage"],
)
STAGE_DURATION = Histogram(
    "relevo_trainer_stage_seconds",
    "How long a stage of a training took",
    ["model", "stage"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60),
)
TRAINING = Histogram(
    "relevo_trainer_training_seconds",
    "How long a whole training took, from the event to the verdict",
    ["model"],
    buckets=(2, 4, 6, 8, 10, 15, 20, 30, 60, 120, 300),
)
VERDICTS = Counter(
    "relevo_trainer_verdicts",
    "Trainings by verdict: promoted, kept, held, refused",
    ["model", "verdict"],
)
VALIDATION_FIGURE = Gauge(
    "relevo_trainer_validation_figure_ratio",
    "The leading figure of the newest candidates on the validation rows",
    ["model", "figure", "algorithm"],
)
TEST_FIGURE = Gauge(
    "relevo_trainer_test_figure_ratio",
    "The leading figure of the newest challenger, and of the champion, on the test rows",
    ["model", "figure", "who"],
)
LIVE_FIGURE = Gauge(
    "relevo_trainer_live_figure_ratio",
    "The champion's leading figure on the newest batch, before anything learned from it",
    ["model", "model_version", "figure"],
)
LIVE_DEVIATION = Gauge(
    "relevo_trainer_live_deviation_errors",
    "By how many standard errors the champion's leading figure on the newest batch is "
    "above that on its test rows; below -3 the batch is held",
    ["model", "model_version"],
)
LIVE_SHARE = Gauge(
    "relevo_trainer_live_share_ratio",
    "Of the newest batch the share of the class that is furthest from what the champion "
    "says, and that mean answer; what: came, said",
    ["model", "model_version", "what"],
)
LIVE_LOSS = Gauge(
    "relevo_trainer_live_squared_error_ratio",
    "The champion's mean squared error per row of the newest batch, on which verdicts "
    "rest: of two classes the Brier score, of a number by its variance",
    ["model", "model_version"],
)
LIVE_ECE = Gauge(
    "relevo_trainer_live_calibration_error_ratio",
    "By how much the champion's probabilities were off on the newest batch, on average",
    ["model", "model_version"],
)
HELD_BATCHES = Gauge(
    "relevo_trainer_held_batches",
    "Batches that nothing learns from until a person releases or rejects them",
    ["dataset"],
)
PEAK_MEMORY = Gauge(
    "relevo_trainer_job_peak_bytes", "The most that the newest training took", ["model"]
)
LOST = Gauge(
    "relevo_trainer_lost_batches",
    "Earlier batches that the newest training did without, as their tables are lost",
    ["dataset"],
)
NEWEST_BATCH = Gauge(
    "relevo_trainer_newest_batch_number", "The batch that got its verdict last", ["dataset"]
)
RELEASED_TO_VERDICT = Gauge(
    "relevo_trainer_released_to_verdict_seconds",
    "From the release of the newest batch to its verdict",
    ["model", "batch_id"],
)
VERSION_QUALITY = Gauge(
    "relevo_trainer_version_quality_ratio",
    "A figure of the newest version on the test rows, and its 95 % interval; bound: "
    "value, low, high",
    ["model", "model_version", "figure", "bound"],
)


def begin(models: Iterable[str]) -> None:
    """A series that begins with 1 shows no increase: what is known begins with 0."""
    for model in models:
        TRAINING.labels(model)
        LOST.labels(model)
        HELD_BATCHES.labels(model)
        for verdict in ("promoted", "kept", "held", "refused"):
            VERDICTS.labels(model, verdict)

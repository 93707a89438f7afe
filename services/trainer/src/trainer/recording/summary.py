"""What a training is remembered by: the figures in the catalog and on the version."""

import math

from pydantic import JsonValue

from relevo_datasets.splitting import SPLITS
from trainer.learning.training import Trained


def statistics_of(trained: Trained, seconds: dict[str, float]) -> dict[str, JsonValue]:
    """The figures behind the verdict, for the live view and for people.

    `difference` is the challenger's ROC-AUC minus the champion's on the same test rows
    (for a first model: minus 0.5), `z` the same in standard errors.
    """
    comparison = trained.verdict.comparison
    champion, live = trained.champion, trained.live
    metrics = trained.challenger.evaluation.metrics
    return {
        "algorithm": trained.challenger.algorithm,
        "champion_version": champion.version if champion else None,
        "validation_auc": _figure(trained.challenger.trial.validation_auc),
        "test_auc": _figure(comparison.auc),
        "champion_auc": _figure(comparison.other_auc) if champion else None,
        "difference": _figure(comparison.difference),
        "standard_error": _figure(comparison.standard_error),
        "z": _figure(comparison.z),
        "p": _figure(comparison.p),
        "live_auc": _figure(live["roc_auc"].value) if live else None,
        "pr_auc": _figure(metrics["pr_auc"].value),
        "brier": _figure(metrics["brier"].value),
        "intervals": {
            name: {bound: _figure(value) for bound, value in interval}
            for name, interval in metrics.items()
        },
        "candidates": [
            {
                "algorithm": trial.candidate.algorithm,
                "validation_auc": _figure(trial.validation_auc),
                "seconds": trial.seconds,
            }
            for trial in trained.trials
        ],
        "rows": {split: int(trained.learning.rows(split).size) for split in SPLITS},
        "repeats": trained.learning.repeats,
        "batches": list(trained.learning.batches),
        "seconds": dict(seconds),
    }


def _figure(value: float) -> float | None:
    """JSON has no infinity."""
    return round(value, 6) if math.isfinite(value) else None

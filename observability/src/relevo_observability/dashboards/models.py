"""Model performance: what each version is worth, and why it was promoted or not."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from relevo_observability.dashboards.building import (
    Query,
    board,
    graph,
    number,
    timeline,
)
from relevo_observability.dashboards.promql import growth, mean


def models() -> Dashboard:
    """Figures per version with their intervals, and the live score of each batch."""
    return board(
        "models",
        "Model performance",
        "What each version is worth on the test rows, how the champion scores each new "
        "batch before anything learns from it, and the verdicts. Promotions are marked.",
        ("Now", NOW),
        ("Quality", QUALITY),
        ("Candidates", CANDIDATES),
        ("Answers", ANSWERS),
    )


def quality(figure: str) -> Query:
    """The newest version's figure and its 95 % interval."""
    metric = "max by (model_version, bound) (relevo_trainer_version_quality_ratio"
    return Query(f'{metric}{{figure="{figure}"}})', "v{{model_version}} {{bound}}")


NOW = [
    number(
        "Champion on its newest batch",
        "none",
        "ROC-AUC of the champion on the newest batch, before anything learned from it. "
        "Bad: well below its figure on the test rows: the data has changed.",
        Query("max(relevo_trainer_live_roc_auc_ratio > 0)"),
        width=6,
    ),
    number(
        "Champion on the test rows",
        "none",
        "ROC-AUC. Bad: lower than it was: the newest rows are harder for it.",
        Query('max(relevo_trainer_test_roc_auc_ratio{who="champion"} > 0)'),
        width=6,
    ),
    number(
        "Promoted in the last hour",
        "none",
        "Bad: every batch: then the verdict lets noise through.",
        Query('sum(increase(relevo_trainer_verdicts_total{verdict="promoted"}[1h]))'),
        width=6,
    ),
    number(
        "Refused by a pod or the watcher",
        "none",
        "Promoted versions that could not be served, in the last hour. Bad: more than 0.",
        Query(
            'sum(increase(relevo_inference_swaps_total{outcome="refused"}[1h])'
            " or increase(relevo_registry_watcher_refusals_total[1h]) or vector(0))"
        ),
        worst=0.5,
        width=6,
    ),
]
QUALITY = [
    graph(
        "ROC-AUC of the versions",
        "none",
        "The newest version on the test rows, with its 95 % interval. Bad: a version whose "
        "interval lies below that of the one before.",
        quality("roc_auc"),
    ),
    graph(
        "Challenger, champion, live",
        "none",
        "ROC-AUC: both on the same test rows, and the champion on the newest batch. Bad: "
        "live far below champion.",
        Query("max by (who) (relevo_trainer_test_roc_auc_ratio > 0)", "{{who}}"),
        Query("max(relevo_trainer_live_roc_auc_ratio > 0)", "live"),
    ),
    graph(
        "PR-AUC",
        "none",
        "The newest version on the test rows, with its 95 % interval. Bad: near the share "
        "of positive rows: then it is chance.",
        quality("pr_auc"),
        width=8,
    ),
    graph(
        "Brier score",
        "none",
        "The newest version, with its 95 % interval; lower is better. Bad: it climbs: the "
        "probabilities fit the outcomes less.",
        quality("brier"),
        width=8,
    ),
    graph(
        "Log loss",
        "none",
        "The newest version, with its 95 % interval; lower is better. Bad: it climbs.",
        quality("log_loss"),
        width=8,
    ),
]
CANDIDATES = [
    graph(
        "Candidates on the validation rows",
        "none",
        "ROC-AUC. Bad: a family that falls away from the others: look at its run.",
        Query(
            "max by (algorithm) (relevo_trainer_validation_roc_auc_ratio)",
            "{{algorithm}}",
        ),
        width=8,
    ),
    graph(
        "Fitting a candidate",
        "s",
        "Mean over 15 minutes. Bad: one that takes most of the interval between batches.",
        Query(
            mean("relevo_trainer_stage_seconds", "stage", '{stage=~"fit .*"}'), "{{stage}}"
        ),
        width=8,
    ),
    graph(
        "Verdicts",
        "none",
        "Per hour. Bad: refused at all; kept for many batches while the live score falls.",
        Query(growth("relevo_trainer_verdicts_total", "verdict", "1h"), "{{verdict}}"),
        width=8,
    ),
]
ANSWERS = [
    timeline(
        "Version that answers, by pod",
        "Bad: two versions for longer than a swap takes.",
        Query(
            "max by (pod, model, model_version) (relevo_inference_serving_info)",
            "{{pod}}: v{{model_version}} of {{model}}",
        ),
    ),
    graph(
        "Share of positive answers",
        "percentunit",
        "By version. Bad: a jump at a promotion: the new version sees other things in the "
        "same rows.",
        Query(
            "1 - sum by (model_version)"
            ' (rate(relevo_inference_predictions_total{prediction="0"}[5m]))'
            " / sum by (model_version) (rate(relevo_inference_predictions_total[5m]))",
            "v{{model_version}}",
        ),
    ),
]

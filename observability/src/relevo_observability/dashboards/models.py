"""Model performance: what each version is worth, and why it was promoted or not."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from relevo_observability.dashboards.building import Row, board
from relevo_observability.dashboards.choice import Variable
from relevo_observability.dashboards.panels import (
    FIGURE,
    SHARE,
    Panel,
    Query,
    dashed,
    graph,
    number,
    timeline,
)
from relevo_observability.dashboards.promql import MODEL, growth, mean, of

LEADING = ("roc_auc", "accuracy", "r2")
QUALITIES = "relevo_trainer_version_quality_ratio"
TEST = "relevo_trainer_test_figure_ratio"
CHALLENGER_AND_CHAMPION = of(TEST, MODEL)
CHAMPION = of(TEST, 'who="champion"', MODEL)
LIVE = of("relevo_trainer_live_figure_ratio", MODEL)
LIVE_SHARE = of("relevo_trainer_live_share_ratio", MODEL)
REFUSED_BY_PODS = of("relevo_inference_swaps_total", 'outcome="refused"', MODEL)
REFUSED_BY_WATCHER = of("relevo_registry_watcher_refusals_total", MODEL)
PREDICTIONS = of("relevo_inference_predictions_total", MODEL)


def models() -> Dashboard:
    """Figures per version with their intervals, and the live score of each batch."""
    return board(
        "models",
        "Model performance",
        "What each version is worth on the test rows, how the champion scores each new "
        "batch before anything learns from it, and the verdicts. Promotions are marked. A "
        "model's leading figure is ROC-AUC for two classes, accuracy for several, R² for a "
        "number.",
        Row("Now", NOW),
        Row("How good $model is", QUALITY, each="model"),
        Row("The champion of $model on new batches", IN_LIFE, each="model"),
        Row("Trainings and pods", TRAININGS),
        variable=Variable("model", "relevo_trainer_verdicts_total"),
    )


def figures(title: str, bad: str, *names: str, only: str = "") -> Panel:
    """Figures of the newest version on the test rows, as lines with their intervals.

    names: all that there may be. only: a condition on the series.
    """
    named = f'figure=~"{"|".join(names)}"'
    queries = [
        Query(
            f"max by (figure) ({of(QUALITIES, named, bound, MODEL)}{only})",
            "{{figure}}" + line,
        )
        for bound, line in (
            ('bound="value"', ""),
            ('bound="low"', " low"),
            ('bound="high"', " high"),
        )
    ]
    return graph(
        title, FIGURE, bad, *queries, width=8, bands=names, nothing="no such figure"
    )


NOW = [
    number(
        "Champion on its newest batch",
        FIGURE,
        "Its leading figure on the newest batch, before anything learned from it. "
        "Bad: well below that on the test rows: the data has changed.",
        Query(f"max by (model, figure) ({LIVE} != 0)", "{{model}} {{figure}}"),
        width=6,
        nothing="no champion yet",
    ),
    number(
        "Champion on the test rows",
        FIGURE,
        "Its leading figure. Bad: lower than it was: the newest rows are harder for it.",
        Query(f"max by (model, figure) ({CHAMPION} != 0)", "{{model}} {{figure}}"),
        width=6,
        nothing="no champion yet",
    ),
    number(
        "Promoted in an hour",
        "none",
        "Bad: every batch: then the verdict lets noise through.",
        Query(
            growth(
                "relevo_trainer_verdicts_total", "model", "1h", 'verdict="promoted"', MODEL
            ),
            "{{model}}",
        ),
        width=4,
        whole=True,
    ),
    number(
        "Refused by pod or watcher",
        "none",
        "Promoted versions that could not be served, in the last hour. Bad: more than 0.",
        Query(
            f"round(sum(increase({REFUSED_BY_PODS}[1h])"
            f" or increase({REFUSED_BY_WATCHER}[1h]))) or vector(0)"
        ),
        worst=1,
        width=4,
        whole=True,
    ),
    number(
        "Held by a person",
        "none",
        "Models whose alias the trainer does not move. Bad: one that nobody remembers; "
        "`relevo resume` lets go.",
        Query(f"sum({of('relevo_registry_watcher_model_held', MODEL)})", instant=True),
        worse=1,
        whole=True,
    ),
]
QUALITY = [
    figures(
        "Leading figure of the newest version",
        "On the test rows, with its 95 % interval. Bad: a version whose interval lies "
        "below that of the one before.",
        *LEADING,
        only=f" and on (model, figure) {CHALLENGER_AND_CHAMPION}",
    ),
    dashed(
        graph(
            "Challenger, champion, live",
            FIGURE,
            "The leading figure: both on the same test rows, and (dashes) the champion on "
            "the newest batch. Bad: live far below champion.",
            Query(f"max by (who) ({CHALLENGER_AND_CHAMPION} != 0)", "{{who}}"),
            Query(f"max by (model) ({LIVE} != 0)", "live"),
            width=8,
        ),
        "live",
    ),
    graph(
        "Candidates on the validation rows",
        FIGURE,
        "The leading figure. Bad: a family that falls away from the others: see its run.",
        Query(
            f"max by (algorithm) ({of('relevo_trainer_validation_figure_ratio', MODEL)})",
            "{{algorithm}}",
        ),
        width=8,
    ),
    figures(
        "Further figures: more is better",
        "The newest version on the test rows, with its 95 % interval: PR-AUC of two "
        "classes, macro F1 and ROC-AUC, one against the rest, of several. Bad: it falls; "
        "a PR-AUC near the share of positive rows.",
        *("pr_auc", "macro_f1", "roc_auc_ovr"),
    ),
    figures(
        "Further figures: less is better",
        "The newest version on the test rows, with its 95 % interval: Brier score and log "
        "loss of classes; of a number the root mean squared error and the mean absolute "
        "one, in its unit. Bad: it climbs.",
        *("brier", "log_loss", "rmse", "mae"),
    ),
    graph(
        "Share of each class among the answers",
        SHARE,
        "By version. Bad: a jump at a promotion: the new version sees other things in the "
        "same rows.",
        Query(
            f"sum by (model_version, prediction) (rate({PREDICTIONS}[5m]))"
            " / on (model_version) group_left ()"
            f" (sum by (model_version) (rate({PREDICTIONS}[5m])) > 0)",
            "v{{model_version}}: {{prediction}}",
        ),
        width=8,
        nothing="no callers",
    ),
]
IN_LIFE = [
    graph(
        "Above its test figure",
        "none",
        "The champion on the newest batch, before anything learned from it: by how many "
        "standard errors its leading figure is above that on its test rows. Bad: below "
        "-2; below -3 the batch is held.",
        Query(
            f"max by (model_version) ({of('relevo_trainer_live_deviation_errors', MODEL)})",
            "v{{model_version}}",
        ),
        width=8,
        nothing="no champion yet",
    ),
    graph(
        "Share of the class, and what the champion says",
        SHARE,
        "Of the newest batch, of the class that is furthest from its mean answer. Bad: "
        "they part; by a factor of 1.5 the batch is held.",
        Query(f"max by (what) ({LIVE_SHARE})", "{{what}}"),
        width=8,
        nothing="no classes, or no champion yet",
    ),
    graph(
        "How far off its answers are",
        "none",
        "On the newest batch: the squared error per row (of two classes the Brier score), "
        "on which verdicts rest, and the calibration error of its probabilities. Bad: "
        "they climb.",
        Query(
            f"max by (model) ({of('relevo_trainer_live_squared_error_ratio', MODEL)})",
            "squared error",
        ),
        Query(
            f"max by (model) ({of('relevo_trainer_live_calibration_error_ratio', MODEL)})",
            "calibration error",
        ),
        width=8,
        nothing="no champion yet",
    ),
]
TRAININGS = [
    graph(
        "Fitting a candidate",
        "s",
        "Mean over 15 minutes. Bad: one that takes most of the interval between batches.",
        Query(
            mean("relevo_trainer_stage_seconds", "model, stage", 'stage=~"fit .*"', MODEL),
            "{{model}} {{stage}}",
        ),
        legend_right=True,
    ),
    graph(
        "Verdicts",
        "none",
        "Per hour. Bad: refused at all; kept for many batches while the live score falls.",
        Query(
            growth("relevo_trainer_verdicts_total", "model, verdict", "1h", MODEL),
            "{{model}} {{verdict}}",
        ),
        counts="verdicts",
    ),
    timeline(
        "Version that answers, by pod",
        "Bad: two versions for longer than a swap takes.",
        Query(
            "max by (pod, model, model_version)"
            f" ({of('relevo_inference_serving_info', MODEL)})",
            "{{model}} v{{model_version}}: {{pod}}",
        ),
        width=24,
    ),
]

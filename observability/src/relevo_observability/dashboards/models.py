"""Model performance: what each version is worth, and why it was promoted or not."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from relevo_observability.dashboards.building import (
    Query,
    board,
    graph,
    number,
    timeline,
)
from relevo_observability.dashboards.choice import Variable
from relevo_observability.dashboards.promql import MODEL, growth, mean, of

QUALITIES = "relevo_trainer_version_quality_ratio"
TEST = "relevo_trainer_test_figure_ratio"
CHALLENGER_AND_CHAMPION = of(TEST, MODEL)
CHAMPION = of(TEST, 'who="champion"', MODEL)
LIVE = of("relevo_trainer_live_figure_ratio", MODEL)
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
        ("Now", NOW),
        ("Quality", QUALITY),
        ("Candidates", CANDIDATES),
        ("Answers", ANSWERS),
        variable=Variable("model", "relevo_trainer_verdicts_total"),
    )


def quality(series: str) -> Query:
    """Figures of the newest versions and their 95 % intervals."""
    by = "model, model_version, figure, bound"
    legend = "{{model}} v{{model_version}} {{figure}} {{bound}}"
    return Query(f"max by ({by}) ({series})", legend)


def of_figures(names: str) -> str:
    """The figures whose names match."""
    return of(QUALITIES, f'figure=~"{names}"', MODEL)


NOW = [
    number(
        "Champion on its newest batch",
        "none",
        "Its leading figure on the newest batch, before anything learned from it. "
        "Bad: well below that on the test rows: the data has changed.",
        Query(f"max by (model, figure) ({LIVE} != 0)", "{{model}} {{figure}}"),
        width=6,
    ),
    number(
        "Champion on the test rows",
        "none",
        "Its leading figure. Bad: lower than it was: the newest rows are harder for it.",
        Query(f"max by (model, figure) ({CHAMPION} != 0)", "{{model}} {{figure}}"),
        width=6,
    ),
    number(
        "Promoted in the last hour",
        "none",
        "Bad: every batch: then the verdict lets noise through.",
        Query(
            growth(
                "relevo_trainer_verdicts_total", "model", "1h", 'verdict="promoted"', MODEL
            ),
            "{{model}}",
        ),
        width=6,
    ),
    number(
        "Refused by a pod or the watcher",
        "none",
        "Promoted versions that could not be served, in the last hour. Bad: more than 0.",
        Query(
            f"sum(increase({REFUSED_BY_PODS}[1h]) or increase({REFUSED_BY_WATCHER}[1h])"
            " or vector(0))"
        ),
        worst=0.5,
        width=6,
    ),
]
QUALITY = [
    graph(
        "Leading figure of the versions",
        "none",
        "The newest version on the test rows, with its 95 % interval. Bad: a version whose "
        "interval lies below that of the one before.",
        quality(f"{of(QUALITIES, MODEL)} and on (model, figure) {CHALLENGER_AND_CHAMPION}"),
    ),
    graph(
        "Challenger, champion, live",
        "none",
        "The leading figure: both on the same test rows, and the champion on the newest "
        "batch. Bad: live far below champion.",
        Query(f"max by (model, who) ({CHALLENGER_AND_CHAMPION} != 0)", "{{model}} {{who}}"),
        Query(f"max by (model) ({LIVE} != 0)", "{{model}} live"),
    ),
    graph(
        "Further figures: more is better",
        "none",
        "The newest version on the test rows, with its 95 % interval: PR-AUC of two "
        "classes, macro F1 and ROC-AUC, one against the rest, of several. Bad: it falls; "
        "a PR-AUC near the share of positive rows.",
        quality(of_figures("pr_auc|macro_f1|roc_auc_ovr")),
        width=8,
    ),
    graph(
        "Brier score",
        "none",
        "The newest version, with its 95 % interval; lower is better. Bad: it climbs: the "
        "probabilities fit the outcomes less.",
        quality(of_figures("brier")),
        width=8,
    ),
    graph(
        "Log loss, or error of a number",
        "none",
        "The newest version, with its 95 % interval; lower is better. A number has the "
        "root mean squared error and the mean absolute one, in its unit. Bad: it climbs.",
        quality(of_figures("log_loss|rmse|mae")),
        width=8,
    ),
]
CANDIDATES = [
    graph(
        "Candidates on the validation rows",
        "none",
        "The leading figure. Bad: a family that falls away from the others: see its run.",
        Query(
            "max by (model, algorithm)"
            f" ({of('relevo_trainer_validation_figure_ratio', MODEL)})",
            "{{model}} {{algorithm}}",
        ),
        width=8,
    ),
    graph(
        "Fitting a candidate",
        "s",
        "Mean over 15 minutes. Bad: one that takes most of the interval between batches.",
        Query(
            mean("relevo_trainer_stage_seconds", "model, stage", 'stage=~"fit .*"', MODEL),
            "{{model}} {{stage}}",
        ),
        width=8,
    ),
    graph(
        "Verdicts",
        "none",
        "Per hour. Bad: refused at all; kept for many batches while the live score falls.",
        Query(
            growth("relevo_trainer_verdicts_total", "model, verdict", "1h", MODEL),
            "{{model}} {{verdict}}",
        ),
        width=8,
    ),
]
ANSWERS = [
    timeline(
        "Version that answers, by pod",
        "Bad: two versions for longer than a swap takes.",
        Query(
            "max by (pod, model, model_version)"
            f" ({of('relevo_inference_serving_info', MODEL)})",
            "{{pod}}: v{{model_version}} of {{model}}",
        ),
    ),
    graph(
        "Share of each class among the answers",
        "percentunit",
        "By version. Bad: a jump at a promotion: the new version sees other things in the "
        "same rows.",
        Query(
            f"sum by (model, model_version, prediction) (rate({PREDICTIONS}[5m]))"
            " / on (model, model_version) group_left ()"
            f" sum by (model, model_version) (rate({PREDICTIONS}[5m]))",
            "{{model}} v{{model_version}}: {{prediction}}",
        ),
    ),
]

"""At a glance: is a batch late, is an answer slow, is anything down."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from relevo_observability.dashboards.api import quantile
from relevo_observability.dashboards.building import Row, board
from relevo_observability.dashboards.choice import Variable
from relevo_observability.dashboards.kafka_lag import LAG_SECONDS
from relevo_observability.dashboards.panels import (
    FIGURE,
    Query,
    graph,
    number,
    timeline,
)
from relevo_observability.dashboards.pipeline import (
    OLDEST_UNFINISHED,
    processes_down,
    stations,
)
from relevo_observability.dashboards.promql import MODEL_OF_DATASET, of


def home() -> Dashboard:
    """What somebody looks at first, and Grafana opens on."""
    return board(
        "home",
        "Lag and latency",
        "Is a batch late, is an answer slow, is anything down. The other boards say why.",
        Row("Now", NOW),
        Row("Lag and latency", LAG_AND_LATENCY),
        Row("Batches and versions", FLOW),
        variable=Variable("dataset", "relevo_ingestor_batches_total"),
    )


NOW = [
    number(
        "Alerts",
        "none",
        "That fire now. Bad: more than 0; docs/operations.md says what to do.",
        Query('count(ALERTS{alertstate="firing"}) or vector(0)'),
        worst=1,
        whole=True,
    ),
    processes_down(),
    number(
        "Oldest unfinished batch",
        "s",
        "How long it waits for its verdict; 0: none is on its way. Bad: more than one "
        "interval of the source; from 15 minutes on somebody is called.",
        Query(OLDEST_UNFINISHED),
        worse=300,
        worst=900,
    ),
    number(
        "95 % of the answers within",
        "s",
        "Single rows, over 5 minutes. Bad: above half a second, the objective.",
        Query(f"max({of('relevo:predict_latency:p95_seconds', MODEL_OF_DATASET)})"),
        worse=0.1,
        worst=0.5,
        nothing="no callers",
    ),
    number(
        "Failed answers",
        "percentunit",
        "From 500 on, over 5 minutes. Bad: above 0.1 %, the objective.",
        Query(f"max({of('relevo:predict_errors:ratio_rate5m', MODEL_OF_DATASET)})"),
        worse=0.001,
        worst=0.0144,
        nothing="no callers",
    ),
    number(
        "Champion, live",
        FIGURE,
        "Its leading figure on the newest batch, before anything learned from it. Bad: "
        "well below what it was.",
        Query(
            f"max by (model)"
            f" ({of('relevo_trainer_live_figure_ratio', MODEL_OF_DATASET)} != 0)",
            "{{model}}",
        ),
        nothing="no champion yet",
    ),
]
LAG_AND_LATENCY = [
    graph(
        "Lag of the consumers",
        "s",
        "Age of the oldest event that a group has not done with. Bad: a line that climbs "
        "by one second each second: that group stands still.",
        Query(f"max by (group) ({LAG_SECONDS})", "{{group}}"),
        width=8,
    ),
    graph(
        "From a batch's release",
        "s",
        "To its verdict, and until the last pod serves the version that learned from it. "
        "Bad: as long as the interval between two batches, for then they queue up.",
        Query(
            "max by (model)"
            f" ({of('relevo_trainer_released_to_verdict_seconds', MODEL_OF_DATASET)})",
            "{{model}} to the verdict",
        ),
        Query(
            f"max by (model) ({of('relevo:released_to_served:seconds', MODEL_OF_DATASET)})",
            "{{model}} to serving",
        ),
        width=8,
    ),
    graph(
        "Latency of predictions",
        "s",
        "Single rows, at the pods. Bad: a step at a promotion: swaps must not be noticed.",
        Query(quantile(0.5, "le", MODEL_OF_DATASET), "median"),
        Query(quantile(0.95, "le", MODEL_OF_DATASET), "95 %"),
        Query(quantile(0.99, "le", MODEL_OF_DATASET), "99 %"),
        width=8,
    ),
]
FLOW = [
    stations(width=12),
    timeline(
        "Version that answers, by pod",
        "Bad: two versions of a model for longer than a swap takes.",
        Query(
            "max by (pod, model, model_version)"
            f" ({of('relevo_inference_serving_info', MODEL_OF_DATASET)})",
            "{{model}} v{{model_version}}: {{pod}}",
        ),
    ),
]

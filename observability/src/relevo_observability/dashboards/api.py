"""API performance: what callers of /predict see."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from relevo_observability.dashboards.building import Row, board
from relevo_observability.dashboards.choice import Variable
from relevo_observability.dashboards.panels import CORES, Query, graph, number
from relevo_observability.dashboards.promql import MODEL, mean, of, rate, within

REQUESTS = "relevo_inference_requests_total"
SECONDS = "relevo_inference_request_duration_seconds_bucket"
PREDICTIONS = 'route=~".*/predict.*"'
SINGLE_ROWS = 'route=~".*/predict"'


def api() -> Dashboard:
    """Rate, latency, errors, overload, and the swaps that nobody should notice."""
    return board(
        "api",
        "API performance",
        "What callers of the prediction routes see: how many, how fast, how often wrong, "
        "and whether swaps can be noticed.",
        Row("Now", NOW),
        Row("Latency and rate", LATENCY),
        Row("Errors", ERRORS),
        Row("Rows and overload", ROWS),
        Row("Swaps", SWAPS),
        variable=Variable("model", "relevo_inference_serving_info"),
    )


def quantile(share: float, by: str = "model, le", chosen: str = MODEL) -> str:
    """Of the time that answers to predictions take."""
    return within(share, rate(SECONDS, by, SINGLE_ROWS, chosen))


def burned(over: str) -> str:
    """How fast the budget of 0.1 % was used up over that time."""
    return f"{of(f'relevo:predict_errors:ratio_rate{over}', MODEL)} / 0.001"


NOW = [
    number(
        "Predictions",
        "reqps",
        "Requests to the prediction routes. Bad: none while there are callers.",
        Query(
            f"sum by (model) (rate({of(REQUESTS, PREDICTIONS, MODEL)}[1m]))", "{{model}}"
        ),
    ),
    number(
        "Median",
        "s",
        "Over 5 minutes. Bad: above 10 ms: the pods are short of processor time.",
        Query(of("relevo:predict_latency:p50_seconds", MODEL), "{{model}}"),
        worse=0.01,
        worst=0.1,
    ),
    number(
        "95th percentile",
        "s",
        "Over 5 minutes. Bad: above half a second, the objective: somebody is called.",
        Query(of("relevo:predict_latency:p95_seconds", MODEL), "{{model}}"),
        worse=0.1,
        worst=0.5,
    ),
    number(
        "99th percentile",
        "s",
        "Over 5 minutes. Bad: a hundred times the median: something stops the pods.",
        Query(of("relevo:predict_latency:p99_seconds", MODEL), "{{model}}"),
        worse=0.25,
        worst=1,
    ),
    number(
        "Failed",
        "percentunit",
        "Share of answers from 500 on, over 5 minutes. Bad: above 0.1 %, the objective.",
        Query(of("relevo:predict_errors:ratio_rate5m", MODEL), "{{model}}"),
        worse=0.001,
        worst=0.0144,
    ),
    number(
        "Pods that answer",
        "none",
        "Pods with a model. Bad: fewer than were started.",
        Query(
            "count by (model)"
            f" (count by (pod, model) ({of('relevo_inference_serving_info', MODEL)}))",
            "{{model}}",
        ),
        whole=True,
    ),
]
LATENCY = [
    graph(
        "Latency of predictions",
        "s",
        "Of single rows, from the request's head to the last byte of the answer. Bad: a "
        "step at a promotion: swaps must not be noticed.",
        Query(quantile(0.5), "{{model}} median"),
        Query(quantile(0.95), "{{model}} 95 %"),
        Query(quantile(0.99), "{{model}} 99 %"),
        width=8,
    ),
    graph(
        "99th percentile by pod",
        "s",
        "Bad: one pod that is slower than its siblings.",
        Query(quantile(0.99, "instance, model, le"), "{{instance}} {{model}}"),
        width=8,
    ),
    graph(
        "Predictions by pod",
        "reqps",
        "Bad: a pod that gets none: something before it leaves it out.",
        Query(rate(REQUESTS, "instance", PREDICTIONS, MODEL), "{{instance}}"),
        width=8,
    ),
]
ERRORS = [
    graph(
        "Answers by status",
        "reqps",
        "Of the prediction routes. Bad: 5xx. 422 is a caller's row that does not fit.",
        Query(
            rate(REQUESTS, "model, status", PREDICTIONS, MODEL),
            "{{model}} {{status}}",
        ),
        width=8,
    ),
    graph(
        "Error budget's burn rate",
        "none",
        "How many times as fast as it may be used up: a month's budget is 0.1 %. Bad: "
        "14.4 over an hour (called at once), 6 over six hours.",
        Query(burned("5m"), "{{model}} 5 minutes"),
        Query(burned("1h"), "{{model}} 1 hour"),
        Query(burned("6h"), "{{model}} 6 hours"),
        width=8,
    ),
    graph(
        "Refused rows and unseen categories",
        "cps",
        "Rows that do not fit, and values that the dataset does not know (they "
        "are answered). Bad: many: callers and model mean different tables.",
        Query(
            rate("relevo_inference_refused_rows_total", "model", MODEL), "refused {{model}}"
        ),
        Query(
            rate("relevo_inference_unseen_categories_total", "model, feature", MODEL),
            "unseen {{feature}} of {{model}}",
        ),
        width=8,
    ),
]
ROWS = [
    graph(
        "Rows answered, by version",
        "cps",
        "Bad: an old version long after a promotion.",
        Query(
            rate("relevo_inference_predictions_total", "model, model_version", MODEL),
            "v{{model_version}} of {{model}}",
        ),
        width=6,
    ),
    graph(
        "In flight",
        "none",
        "Requests that are being answered now. Bad: near the 256 that a pod takes at a "
        "time.",
        Query("max by (instance) (relevo_inference_requests_in_flight)", "{{instance}}"),
        width=6,
        counts="requests",
    ),
    graph(
        "Refused because too many are in flight",
        "reqps",
        "Bad: any: start more pods.",
        Query(rate("relevo_inference_shed_requests_total", "instance"), "{{instance}}"),
        width=6,
    ),
    graph(
        "Processor time by pod",
        CORES,
        "Of one core: a pod is one process. Bad: near 1: requests wait for each other.",
        Query(
            'sum by (instance) (rate(process_cpu_seconds_total{job="inference"}[1m]))',
            "{{instance}}",
        ),
        width=6,
    ),
]
SWAPS = [
    graph(
        "Swaps",
        "none",
        "Since each pod's start, by what became of them. Bad: refused.",
        Query(
            "sum by (instance, model, outcome)"
            f" ({of('relevo_inference_swaps_total', MODEL)})",
            "{{instance}} {{model}} {{outcome}}",
        ),
        counts="swaps",
    ),
    graph(
        "From hearing of a promotion to serving it",
        "s",
        "Mean over 15 minutes, by pod and model. Bad: more than a quarter of a second: the "
        "store is slow, or the model large.",
        Query(
            mean("relevo_inference_swap_duration_seconds", "instance, model", MODEL),
            "{{instance}} {{model}}",
        ),
    ),
]

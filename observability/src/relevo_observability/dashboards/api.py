"""API performance: what callers of /predict see."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from relevo_observability.dashboards.building import Query, board, graph, number
from relevo_observability.dashboards.promql import mean, rate

REQUESTS = "relevo_inference_requests_total"
SECONDS = "relevo_inference_request_duration_seconds_bucket"


def api() -> Dashboard:
    """Rate, latency, errors, overload, and the swaps that nobody should notice."""
    return board(
        "api",
        "API performance",
        "What callers of the prediction routes see: how many, how fast, how often wrong, "
        "and whether swaps can be noticed.",
        ("Now", NOW),
        ("Latency and rate", LATENCY),
        ("Errors", ERRORS),
        ("Rows and overload", ROWS),
        ("Swaps", SWAPS),
    )


def quantile(share: float, by: str = "le") -> str:
    """Of the time that answers to predictions take."""
    routes = '{route=~".*/predict"}'
    rate = f"rate({SECONDS}{routes}[$__rate_interval])"
    return f"histogram_quantile({share}, sum by ({by}) ({rate}))"


NOW = [
    number(
        "Predictions",
        "reqps",
        "Requests to the prediction routes. Bad: none while there are callers.",
        Query(f'sum(rate({REQUESTS}{{route=~".*/predict.*"}}[1m]))'),
    ),
    number(
        "Median",
        "s",
        "Over 5 minutes. Bad: above 10 ms: the pods are short of processor time.",
        Query("relevo:predict_latency:p50_seconds"),
        worse=0.01,
        worst=0.1,
    ),
    number(
        "95th percentile",
        "s",
        "Over 5 minutes. Bad: above half a second, the objective: somebody is called.",
        Query("relevo:predict_latency:p95_seconds"),
        worse=0.1,
        worst=0.5,
    ),
    number(
        "99th percentile",
        "s",
        "Over 5 minutes. Bad: a hundred times the median: something stops the pods.",
        Query("relevo:predict_latency:p99_seconds"),
        worse=0.25,
        worst=1,
    ),
    number(
        "Failed",
        "percentunit",
        "Share of answers from 500 on, over 5 minutes. Bad: above 0.1 %, the objective.",
        Query("relevo:predict_errors:ratio_rate5m"),
        worse=0.001,
        worst=0.0144,
    ),
    number(
        "Pods that answer",
        "none",
        "Pods with a model. Bad: fewer than were started.",
        Query("count(count by (pod) (relevo_inference_serving_info))"),
    ),
]
LATENCY = [
    graph(
        "Latency of predictions",
        "s",
        "Of single rows, from the request's head to the last byte of the answer. Bad: a "
        "step at a promotion: swaps must not be noticed.",
        Query(quantile(0.5), "median"),
        Query(quantile(0.95), "95 %"),
        Query(quantile(0.99), "99 %"),
        width=8,
    ),
    graph(
        "99th percentile by pod",
        "s",
        "Bad: one pod that is slower than its siblings.",
        Query(quantile(0.99, "instance, le"), "{{instance}}"),
        width=8,
    ),
    graph(
        "Requests",
        "reqps",
        "By route. Bad: a pod that gets none: something before it leaves it out.",
        Query(
            rate(REQUESTS, "instance, route"),
            "{{instance}} {{route}}",
        ),
        width=8,
    ),
]
ERRORS = [
    graph(
        "Answers by status",
        "reqps",
        "Of the prediction routes. Bad: 5xx. 422 is a caller's row that does not fit.",
        Query(
            rate(REQUESTS, "status", '{route=~".*/predict.*"}'),
            "{{status}}",
        ),
        width=8,
    ),
    graph(
        "Error budget's burn rate",
        "none",
        "1: the month's budget of 0.1 % is used up in a month. Bad: 14.4 over an hour "
        "(called at once), 6 over six hours.",
        Query("relevo:predict_errors:ratio_rate5m / 0.001", "5 minutes"),
        Query("relevo:predict_errors:ratio_rate1h / 0.001", "1 hour"),
        Query("relevo:predict_errors:ratio_rate6h / 0.001", "6 hours"),
        width=8,
    ),
    graph(
        "Refused rows and unseen categories",
        "none",
        "Per second: rows that do not fit, and values that the dataset does not know (they "
        "are answered). Bad: many: callers and model mean different tables.",
        Query(rate("relevo_inference_refused_rows_total", "job"), "refused"),
        Query(
            rate("relevo_inference_unseen_categories_total", "feature"),
            "unseen {{feature}}",
        ),
        width=8,
    ),
]
ROWS = [
    graph(
        "Rows answered, by version",
        "none",
        "Per second. Bad: an old version long after a promotion.",
        Query(
            rate("relevo_inference_predictions_total", "model, model_version"),
            "v{{model_version}} of {{model}}",
        ),
        width=8,
    ),
    graph(
        "In flight and shed",
        "none",
        "Requests that are being answered now, and requests per second that were refused "
        "because too many were. Bad: shed at all: start more pods.",
        Query("max by (instance) (relevo_inference_requests_in_flight)", "{{instance}}"),
        Query(
            rate("relevo_inference_shed_requests_total", "instance"), "{{instance}} shed"
        ),
        width=8,
    ),
    graph(
        "Processor time by pod",
        "percentunit",
        "Of one core: a pod is one process. Bad: near 1: requests wait for each other.",
        Query(
            'sum by (instance) (rate(process_cpu_seconds_total{job="inference"}[1m]))',
            "{{instance}}",
        ),
        width=8,
    ),
]
SWAPS = [
    graph(
        "Swaps",
        "none",
        "Since each pod's start, by what became of them. Bad: refused.",
        Query(
            "sum by (instance, outcome) (relevo_inference_swaps_total)",
            "{{instance}} {{outcome}}",
        ),
    ),
    graph(
        "From hearing of a promotion to serving it",
        "s",
        "Mean over 15 minutes, by pod. Bad: more than a quarter of a second: the store is "
        "slow, or the model large.",
        Query(
            mean("relevo_inference_swap_duration_seconds", "instance"),
            "{{instance}}",
        ),
    ),
]

"""Every metric of inference."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter(
    "relevo_inference_requests_total", "Requests answered", ["route", "model", "status"]
)
REQUEST_DURATION = Histogram(
    "relevo_inference_request_duration_seconds",
    "From a request's head to the last byte of its answer",
    ["route", "model"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
IN_FLIGHT = Gauge("relevo_inference_requests_in_flight", "Requests that are being answered")
BYTES_IN_FLIGHT = Gauge(
    "relevo_inference_in_flight_bytes",
    "Of bodies on their way, and of batches' answers that are not read yet",
)
SHED = Counter(
    "relevo_inference_shed_requests_total",
    "Requests refused because as many, or as large, as allowed were in flight",
)
PREDICTIONS = Counter(
    "relevo_inference_predictions_total",
    "Rows answered, by the class that was predicted",
    ["model", "model_version", "prediction"],
)
REFUSED_ROWS = Counter(
    "relevo_inference_refused_rows_total", "Rows that did not fit", ["model"]
)
UNSEEN = Counter(
    "relevo_inference_unseen_categories_total",
    "Values of a category that the dataset does not know; they were answered",
    ["model", "feature"],
)
SERVING = Gauge(
    "relevo_inference_serving_info",
    "1 for the version that answers now",
    ["model", "model_version", "pod"],
)
SERVING_SINCE = Gauge(
    "relevo_inference_serving_since_timestamp_seconds",
    "When the version that answers now took over",
    ["model"],
)
SWAPS = Counter(
    "relevo_inference_swaps_total",
    "Promotions by what became of them",
    ["model", "outcome"],
)
SWAP_DURATION = Histogram(
    "relevo_inference_swap_duration_seconds",
    "From hearing of a promotion until the model answers",
    ["model"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
)

"""Every metric of the data API."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter(
    "relevo_data_api_requests_total",
    "Requests that were answered.",
    ["route", "status"],
)
REQUEST_SECONDS = Histogram(
    "relevo_data_api_request_seconds",
    "From the request to the last byte of the answer.",
    ["route"],
)
RELEASED_BATCHES = Gauge(
    "relevo_data_api_released_batches", "Batches that may be taken by now.", ["dataset"]
)
TOTAL_BATCHES = Gauge(
    "relevo_data_api_total_batches", "Batches that there will be as yet.", ["dataset"]
)

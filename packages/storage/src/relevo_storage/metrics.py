"""Every metric of the storage adapters, measured in the service that calls them."""

from prometheus_client import Histogram

CALLS = Histogram(
    "relevo_storage_call_seconds",
    "How long a call took, by how it ended: answered (also with an absence), or away",
    ["store", "call", "outcome"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

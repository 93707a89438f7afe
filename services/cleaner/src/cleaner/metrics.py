"""Every metric of the cleaner; what is cleaned again counts again."""

from prometheus_client import Counter, Gauge, Histogram

BATCHES = Counter(
    "relevo_cleaner_batches", "Batches that were cleaned, by verdict", ["verdict"]
)
ROWS = Counter(
    "relevo_cleaner_rows",
    "Rows of these batches: in = out + removed + quarantined",
    ["way"],
)
CLEANING = Histogram(
    "relevo_cleaner_cleaning_seconds",
    "How long reading, cleaning, splitting and judging a batch took",
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)
NEWEST_BATCH = Gauge(
    "relevo_cleaner_newest_batch_number", "The batch that was judged last", ["dataset"]
)

# A series that begins with 1 shows no increase: those that are known begin with 0.
for _verdict in ("accepted", "refused"):
    BATCHES.labels(_verdict)
for _way in ("in", "out", "removed", "quarantined"):
    ROWS.labels(_way)

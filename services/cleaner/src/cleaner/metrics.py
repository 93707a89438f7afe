"""Every metric of the cleaner; what is cleaned again counts again."""

from prometheus_client import Counter, Histogram

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

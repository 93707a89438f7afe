"""Every metric of the cleaner; what is cleaned again counts again."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from relevo_datasets.quality.report import QualityReport
from relevo_datasets.quality.usual import Usual

BATCHES = Counter(
    "relevo_cleaner_batches",
    "Batches that were cleaned, by verdict: accepted, refused",
    ["dataset", "verdict"],
)
ROWS = Counter(
    "relevo_cleaner_rows",
    "Rows of these batches: in = out + removed + quarantined",
    ["dataset", "way"],
)
CLEANING = Histogram(
    "relevo_cleaner_cleaning_seconds",
    "How long reading, cleaning, splitting and judging a batch took",
    ["dataset"],
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)
NEWEST_BATCH = Gauge(
    "relevo_cleaner_newest_batch_number", "The batch that was judged last", ["dataset"]
)
UNKNOWN_SHARE = Gauge(
    "relevo_cleaner_unknown_share_ratio",
    "Rows with a word that the dataset does not know, of the batch that was judged last",
    ["dataset", "feature"],
)
USUAL_UNKNOWN_SHARE = Gauge(
    "relevo_cleaner_usual_unknown_share_ratio",
    "The same over all batches that were accepted before it",
    ["dataset", "feature"],
)
MISSING_SHARE = Gauge(
    "relevo_cleaner_missing_share_ratio",
    "Rows without a value, of the batch that was judged last",
    ["dataset", "feature"],
)
USUAL_MISSING_SHARE = Gauge(
    "relevo_cleaner_usual_missing_share_ratio",
    "The same over all batches that were accepted before it",
    ["dataset", "feature"],
)


def begin(datasets: Iterable[str]) -> None:
    """A series that begins with 1 shows no increase: what is known begins with 0."""
    for dataset in datasets:
        for verdict in ("accepted", "refused"):
            BATCHES.labels(dataset, verdict)
        for way in ("in", "out", "removed", "quarantined"):
            ROWS.labels(dataset, way)
        CLEANING.labels(dataset)


def tell(report: QualityReport, usual: Usual) -> None:
    """Count a batch's rows, and show how far its columns are from the usual."""
    for way, rows in (
        ("in", report.rows_in),
        ("out", report.rows_out),
        ("removed", report.rows_removed),
        ("quarantined", report.rows_quarantined),
    ):
        ROWS.labels(report.dataset, way).inc(rows)
    for gauge, shares in (
        (UNKNOWN_SHARE, report.unknown_shares),
        (USUAL_UNKNOWN_SHARE, usual.unknown),
        (MISSING_SHARE, report.missing_shares),
        (USUAL_MISSING_SHARE, usual.missing),
    ):
        for feature, share in shares.items():
            gauge.labels(report.dataset, feature).set(share)

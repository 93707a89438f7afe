"""Every metric of the ingestor."""

from prometheus_client import Counter, Gauge, Histogram

SOURCE_UP = Gauge(
    "relevo_source_up", "1 when the data source gave its last answer, else 0", ["dataset"]
)
SOURCE_EXPECTED_UP = Gauge(
    "relevo_source_expected_up",
    "0 while the data source sleeps by plan, else 1",
    ["dataset"],
)
SOURCE_INSTANCE_STATE = Gauge(
    "relevo_source_instance_state",
    "1 for the state in which EC2 sees the source's machine; no series: nobody asks",
    ["state"],
)
NEXT_DUE = Gauge(
    "relevo_ingestor_next_due_timestamp_seconds",
    "When the source releases its next batch, by the source's clock; 0: there is no more",
    ["dataset"],
)
FETCH_SECONDS = Histogram(
    "relevo_source_fetch_duration_seconds",
    "From asking for a batch to its last byte",
    ["dataset"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
)
BATCHES = Counter(
    "relevo_ingestor_batches_total",
    "Batches that were taken, by verdict",
    ["dataset", "verdict"],
)
ROWS = Counter("relevo_ingestor_rows_total", "Rows of the accepted batches", ["dataset"])
NEWEST_BATCH = Gauge(
    "relevo_ingestor_newest_batch_number", "The highest number that was taken", ["dataset"]
)
UNTAKEN_SINCE = Gauge(
    "relevo_ingestor_untaken_since_timestamp_seconds",
    "When the oldest batch was released that is not taken yet; 0: all are taken",
    ["dataset"],
)

SOURCE_UNDERSTOOD = Gauge(
    "relevo_source_understood",
    "0 when the data source's last answer was not in the form that its kind has, else 1",
    ["dataset"],
)
SOURCE_CHANGED = Gauge(
    "relevo_source_changed_batches",
    "Accepted batches whose content is another one at the source by now",
    ["dataset"],
)
LEFT_OUT = Counter(
    "relevo_source_left_out_records_total",
    "Records of a stream that are no row of the dataset",
    ["dataset"],
)
FAULTS = Counter(
    "relevo_ingestor_faults_total",
    "How often taking a dataset's batches broke off by a fault, and was begun again",
    ["dataset"],
)
READER_DEATHS = Counter(
    "relevo_ingestor_reader_deaths_total",
    "Processes that died of what they had to read, or took too long for it",
)


def begin_at_zero(dataset: str) -> None:
    """A series that begins with 1 shows no increase: those that are known begin with 0."""
    for verdict in ("accepted", "refused"):
        BATCHES.labels(dataset, verdict)
    for each in (ROWS, LEFT_OUT, FAULTS, SOURCE_CHANGED):
        each.labels(dataset)

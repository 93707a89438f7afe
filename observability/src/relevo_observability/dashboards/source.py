"""AWS and source: where the batches come from."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from relevo_observability.dashboards.building import Row, board
from relevo_observability.dashboards.choice import Variable
from relevo_observability.dashboards.panels import Query, graph, number, timeline
from relevo_observability.dashboards.promql import (
    DATASET,
    mean,
    newest,
    of,
    rate,
    within,
)

UNTAKEN = of("relevo_ingestor_untaken_since_timestamp_seconds", DATASET)
NEXT_DUE = of("relevo_ingestor_next_due_timestamp_seconds", DATASET)

BATCHES = 'route=~".*/batches.*"'


def source() -> Dashboard:
    """The data source as the ingestor sees it, and as it sees itself."""
    return board(
        "source",
        "AWS and source",
        "Where the batches come from: is the source there, when is the next batch due, how "
        "long does it take to get one.",
        Row("Now", NOW),
        Row("Awake and asleep", SLEEP),
        Row("Taking", TAKING),
        Row("The data API itself", DATA_API),
        variable=Variable("dataset", "relevo_source_up"),
    )


NOW = [
    number(
        "Source answers",
        "bool_yes_no",
        "By its last answer to the ingestor. Bad: no, unless it sleeps by plan.",
        Query(newest("relevo_source_up"), "{{dataset}}", instant=True),
        width=6,
    ),
    number(
        "Next batch in",
        "s",
        "By the source's plan. Bad: long below 0: it is due and does not come.",
        Query(f"max by (dataset) ({NEXT_DUE} > 0) - time()", "{{dataset}}", instant=True),
        width=6,
        whole=True,
        nothing="there is no more",
    ),
    number(
        "Released",
        "none",
        "Batches that may be taken by now. Bad: it stands still before all are released.",
        Query(newest("relevo_data_api_released_batches"), "{{dataset}}"),
        width=6,
        whole=True,
    ),
    number(
        "Of all",
        "none",
        "As far as is known. Bad: as many as are released: nothing new comes.",
        Query(newest("relevo_data_api_total_batches"), "{{dataset}}"),
        width=6,
        whole=True,
    ),
]
SLEEP = [
    timeline(
        "Expected and answering",
        "Green: yes, gray: no. Bad: it is expected and does not answer. Neither: it sleeps "
        "by plan.",
        Query(newest("relevo_source_expected_up"), "{{dataset}} expected"),
        Query(newest("relevo_source_up"), "{{dataset}} answers"),
    ),
    timeline(
        "State of the machine",
        "As EC2 sees it, where the ingestor was told which it is. Bad: stopped while the "
        "source is expected.",
        Query("max by (state) (relevo_source_instance_state == 1)", "{{state}}"),
        nothing="nobody asks: the ingestor was not told which machine it is",
    ),
]
TAKING = [
    graph(
        "Fetching a batch",
        "s",
        "Mean over 15 minutes. Bad: it climbs: the source or the way to it is slow.",
        Query(
            mean("relevo_source_fetch_duration_seconds", "dataset", DATASET),
            "{{dataset}}",
        ),
        width=8,
    ),
    graph(
        "Batches taken",
        "none",
        "Since the ingestor's start, by verdict. Bad: refused: the source sends what is no "
        "table of the dataset.",
        Query(
            f"sum by (dataset, verdict) ({of('relevo_ingestor_batches_total', DATASET)})",
            "{{dataset}} {{verdict}}",
        ),
        width=8,
        counts="batches",
    ),
    graph(
        "Released and not taken",
        "s",
        "Since when the oldest such batch is released. Bad: more than a few seconds: the "
        "ingestor waits for the source, a store or Kafka.",
        Query(
            f"time() - max by (dataset) ({UNTAKEN} > 0)"
            f" or 0 * max by (dataset) ({UNTAKEN})",
            "{{dataset}}",
        ),
        width=8,
    ),
]
DATA_API = [
    graph(
        "Requests",
        "reqps",
        "For batches, by route and status. Bad: 5xx.",
        Query(
            rate("relevo_data_api_requests_total", "route, status", BATCHES),
            "{{route}} {{status}}",
        ),
    ),
    graph(
        "Time to the last byte",
        "s",
        "95th percentile over 15 minutes, by route. Bad: seconds for a megabyte.",
        Query(
            within(
                0.95,
                "sum by (route, le) (rate(relevo_data_api_request_seconds_bucket"
                f"{{{BATCHES}}}[15m]))",
            ),
            "{{route}}",
        ),
    ),
]

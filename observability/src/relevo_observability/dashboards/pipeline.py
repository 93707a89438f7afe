"""Pipeline overview: a batch's way through, and where each batch is now."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from relevo_observability.dashboards.building import (
    Query,
    board,
    graph,
    number,
    timeline,
)
from relevo_observability.dashboards.choice import Variable
from relevo_observability.dashboards.promql import (
    DATASET,
    DATASET_OR_NONE,
    MODEL_OF_DATASET,
    growth,
    mean,
    newest,
    of,
)


def pipeline() -> Dashboard:
    """From the release of a batch to the pods that answer with its model."""
    return board(
        "pipeline",
        "Pipeline overview",
        "A batch's way through: released, taken, cleaned, judged, and served if it won.",
        ("Now", NOW),
        ("Where each batch is", WHERE),
        ("How long it takes", DURATIONS),
        ("What comes of it", OUTCOMES),
        variable=Variable("dataset", "relevo_ingestor_batches_total"),
    )


def largest(metric: str) -> str:
    """The largest value of each chosen dataset's model."""
    return f"max by (model) ({of(metric, MODEL_OF_DATASET)})"


NOW = [
    number(
        "Oldest unfinished batch",
        "s",
        "How long that batch is on its way which waits longest for its verdict. Bad: more "
        "than one interval of the source; from 15 minutes on somebody is called. One "
        "without a name waits for the cleaner.",
        Query(
            of("relevo:oldest_unfinished_batch:age_seconds", DATASET_OR_NONE),
            "{{dataset}} on its way",
        ),
        worse=300,
        worst=900,
    ),
    number(
        "Released to verdict",
        "s",
        "From the release of the newest batch to its verdict. Bad: as long as the interval "
        "between two batches, for then they queue up.",
        Query(largest("relevo_trainer_released_to_verdict_seconds"), "{{model}}"),
        worse=120,
        worst=300,
    ),
    number(
        "Released to served",
        "s",
        "From the release of the newest batch that the serving model has seen until the "
        "last pod served it. Bad: much more than released to verdict. After somebody went "
        "back to an older version it is that version's age.",
        Query(largest("relevo:released_to_served:seconds"), "{{model}}"),
        worse=150,
        worst=330,
    ),
    number(
        "Version that should serve",
        "none",
        "The promoted version. Bad: a number that nobody expects; see Model performance.",
        Query(largest("relevo_registry_watcher_champion_version"), "{{model}}"),
    ),
    number(
        "Dead letters",
        "none",
        "Messages that could not be handled, ever. Bad: a number that grows; "
        "`relevo dead-letters list` shows them.",
        Query('sum(relevo_lag_watcher_end_offset{topic=~".+[.]dead"})'),
        worse=1,
    ),
    number(
        "Processes down",
        "none",
        "Targets that do not answer Prometheus. Bad: more than 0.",
        Query("sum(1 - up)"),
        worst=1,
    ),
]
WHERE = [
    graph(
        "Batches that have reached each station",
        "none",
        "The number of the newest batch at each station. Bad: a line that stays below the "
        "one before it: there the batches wait. (Cleaned and judged are not shown after a "
        "restart until the next batch.)",
        Query(newest("relevo_data_api_released_batches"), "{{dataset}} released"),
        Query(newest("relevo_ingestor_newest_batch_number"), "{{dataset}} taken"),
        Query(newest("relevo_cleaner_newest_batch_number"), "{{dataset}} cleaned"),
        Query(newest("relevo_trainer_newest_batch_number"), "{{dataset}} judged"),
    ),
    timeline(
        "What the trainer does",
        "The stages of a training. Bad: one stage without an end.",
        Query(
            f"max by (model, stage) ({of('relevo_trainer_stage', MODEL_OF_DATASET)})",
            "{{model}} {{stage}}",
        ),
    ),
]
DURATIONS = [
    graph(
        "Age of an event when its handling begins",
        "s",
        "Mean over 15 minutes. Bad: seconds where it was milliseconds: the consumer is "
        "busy, paused or away.",
        Query(mean("relevo_runtime_event_age_seconds", "job, topic"), "{{job}}"),
    ),
    graph(
        "Handling an event",
        "s",
        "Mean over 15 minutes, failed attempts too. Bad: longer than the interval between "
        "two batches.",
        Query(mean("relevo_runtime_handling_seconds", "job, topic"), "{{job}}"),
    ),
    graph(
        "Stages of a training",
        "s",
        "Mean over 15 minutes. Bad: one stage that grows faster than the rows do.",
        Query(
            mean("relevo_trainer_stage_seconds", "model, stage", MODEL_OF_DATASET),
            "{{model}} {{stage}}",
        ),
    ),
    graph(
        "Taking and cleaning a batch",
        "s",
        "Mean over 15 minutes. Bad: fetching that takes many seconds: the source is slow.",
        Query(
            mean("relevo_source_fetch_duration_seconds", "dataset", DATASET),
            "{{dataset}} fetch",
        ),
        Query(
            mean("relevo_cleaner_cleaning_seconds", "dataset", DATASET),
            "{{dataset}} clean",
        ),
    ),
]
OUTCOMES = [
    graph(
        "Rows",
        "none",
        "Per 15 minutes: in = out + removed + quarantined. Bad: many quarantined rows: "
        "the source sends what nobody can read.",
        Query(
            growth("relevo_cleaner_rows_total", "dataset, way", "15m", DATASET),
            "{{dataset}} {{way}}",
        ),
        width=8,
    ),
    graph(
        "Attempts at events",
        "none",
        "Per 15 minutes, by how they ended. Bad: poison and bug at all; outage while no "
        "server is known to be away.",
        Query(
            growth("relevo_runtime_events_handled_total", "topic, outcome", "15m"),
            "{{topic}} {{outcome}}",
        ),
        width=8,
    ),
    graph(
        "Waiting for something that is away",
        "s",
        "Since when a service waits for a server, or a partition for its next attempt. "
        "Nothing is shown while all is well. Bad: a line that climbs.",
        Query(
            "time() - (relevo_runtime_waiting_since_seconds"
            " or relevo_runtime_outage_since_seconds)",
            "{{job}}: {{what}}{{group}} {{topic}}",
        ),
        width=8,
    ),
]

"""Pipeline overview: a batch's way through, and where each batch is now."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from relevo_observability.dashboards.building import (
    Query,
    board,
    graph,
    number,
    timeline,
)
from relevo_observability.dashboards.promql import growth, mean


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
    )


NOW = [
    number(
        "Oldest unfinished batch",
        "s",
        "How long that batch is on its way which waits longest for its verdict. Bad: more "
        "than one interval of the source; from 15 minutes on somebody is called.",
        Query("relevo:oldest_unfinished_batch:age_seconds"),
        worse=300,
        worst=900,
    ),
    number(
        "Released to verdict",
        "s",
        "From the release of the newest batch to its verdict. Bad: as long as the interval "
        "between two batches, for then they queue up.",
        Query("max(relevo_trainer_released_to_verdict_seconds)"),
        worse=120,
        worst=300,
    ),
    number(
        "Released to served",
        "s",
        "From the release of the newest batch that the serving model has seen until the "
        "last pod served it. Bad: much more than released to verdict. After somebody went "
        "back to an older version it is that version's age.",
        Query("max(relevo:released_to_served:seconds)"),
        worse=150,
        worst=330,
    ),
    number(
        "Version that should serve",
        "none",
        "The promoted version. Bad: a number that nobody expects; see Model performance.",
        Query("max by (model) (relevo_registry_watcher_champion_version)", "{{model}}"),
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
        Query("max(relevo_data_api_released_batches)", "released"),
        Query("max(relevo_ingestor_newest_batch_number)", "taken"),
        Query("max(relevo_cleaner_newest_batch_number)", "cleaned"),
        Query("max(relevo_trainer_newest_batch_number)", "judged"),
    ),
    timeline(
        "What the trainer does",
        "The stages of a training. Bad: one stage without an end.",
        Query("max by (stage) (relevo_trainer_stage)", "{{stage}}"),
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
        Query(mean("relevo_trainer_stage_seconds", "stage"), "{{stage}}"),
    ),
    graph(
        "Taking and cleaning a batch",
        "s",
        "Mean over 15 minutes. Bad: fetching that takes many seconds: the source is slow.",
        Query(mean("relevo_source_fetch_duration_seconds", "job"), "fetch"),
        Query(mean("relevo_cleaner_cleaning_seconds", "job"), "clean"),
    ),
]
OUTCOMES = [
    graph(
        "Rows",
        "none",
        "Per 15 minutes: in = out + removed + quarantined. Bad: many quarantined rows: "
        "the source sends what nobody can read.",
        Query(growth("relevo_cleaner_rows_total", "way", "15m"), "{{way}}"),
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
            "{{job}}: {{what}}{{topic}}",
        ),
        width=8,
    ),
]

"""Pipeline overview: a batch's way through, and where each batch is now."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from relevo_observability.dashboards.building import Row, board
from relevo_observability.dashboards.choice import Variable
from relevo_observability.dashboards.panels import Panel, Query, graph, number, timeline
from relevo_observability.dashboards.promql import (
    DATASET,
    DATASET_OR_NONE,
    MODEL_OF_DATASET,
    growth,
    mean,
    newest,
    of,
)

OLDEST_UNFINISHED = (
    f"max({of('relevo:oldest_unfinished_batch:age_seconds', DATASET_OR_NONE)})"
)
SCALED = ("cleaner", "trainer", "inference")
NONE_LEFT = " or ".join(f'absent_over_time(up{{job="{job}"}}[30s])' for job in SCALED)
PROCESSES_DOWN = (
    f"sum((up == bool 0) and last_over_time(up[30s]) or {NONE_LEFT}) or vector(0)"
)
"""Without the ghosts of former addresses, which a restarted Prometheus remembers; with
names that lead to no process any more."""
DEAD = 'relevo_lag_watcher_end_offset{topic=~".+[.]dead"}'
STAGE = "relevo_trainer_stage"
ROWS = "relevo_cleaner_rows_total"
CLEANED = "relevo_cleaner_batches_total"
NOT_A_FIT = 'stage!~"fit .*"'
HANDLED = "relevo_runtime_events_handled_total"


def pipeline() -> Dashboard:
    """From the release of a batch to the pods that answer with its model."""
    return board(
        "pipeline",
        "Pipeline overview",
        "A batch's way through: released, taken, cleaned, judged, and served if it won.",
        Row("Now", NOW),
        Row("Where each batch is", WHERE),
        Row("How long it takes", DURATIONS),
        Row("What comes of it", OUTCOMES),
        variable=Variable("dataset", "relevo_ingestor_batches_total"),
    )


def largest(metric: str) -> str:
    """The largest value of each chosen dataset's model."""
    return f"max by (model) ({of(metric, MODEL_OF_DATASET)})"


def processes_down() -> Panel:
    """How many targets do not answer."""
    return number(
        "Processes down",
        "none",
        "Targets that do not answer Prometheus. Bad: more than 0.",
        Query(PROCESSES_DOWN),
        worst=1,
        whole=True,
    )


def stations(width: int) -> Panel:
    """Where each batch is, in numbers of batches."""
    return graph(
        "Batches that have reached each station",
        "none",
        "The number of the newest batch at each station. Bad: a line that stays below the "
        "one before it: there the batches wait. (Cleaned and judged are not shown after a "
        "restart until the next batch.)",
        Query(newest("relevo_data_api_released_batches"), "{{dataset}} released"),
        Query(newest("relevo_ingestor_newest_batch_number"), "{{dataset}} taken"),
        Query(newest("relevo_cleaner_newest_batch_number"), "{{dataset}} cleaned"),
        Query(newest("relevo_trainer_newest_batch_number"), "{{dataset}} judged"),
        width=width,
        counts="batches",
    )


NOW = [
    number(
        "Oldest unfinished batch",
        "s",
        "How long that batch is on its way which waits longest for its verdict. Bad: more "
        "than one interval of the source; from 15 minutes on somebody is called.",
        Query(OLDEST_UNFINISHED),
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
        "last pod served it, of pods that heard of the promotion as it came. Bad: much "
        "more than released to verdict.",
        Query(largest("relevo:released_to_served:seconds"), "{{model}}"),
        worse=150,
        worst=330,
    ),
    number(
        "Version that should serve",
        "none",
        "The promoted version. Bad: a number that nobody expects; see Model performance.",
        Query(largest("relevo_registry_watcher_champion_version"), "{{model}}"),
        whole=True,
    ),
    number(
        "Dead letters",
        "none",
        "Messages that could not be handled, in the last hour. Bad: any; "
        "`relevo dead-letters list` shows all that ever were.",
        Query(f"sum(max_over_time({DEAD}[1h]) - min_over_time({DEAD}[1h]))"),
        worse=1,
        whole=True,
    ),
    processes_down(),
]
WHERE = [
    stations(width=12),
    timeline(
        "What the trainer does",
        "The stages of a training. Bad: one stage without an end.",
        Query(
            f"max by (model, stage) ({of(STAGE, NOT_A_FIT, MODEL_OF_DATASET)})",
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
        "Those that take half a second and more; mean over 15 minutes. Bad: one that grows "
        "faster than the rows do.",
        Query(
            mean(
                "relevo_trainer_stage_seconds", "model, stage", NOT_A_FIT, MODEL_OF_DATASET
            )
            + " >= 0.5",
            "{{model}} {{stage}}",
        ),
        legend_right=True,
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
        "Rows of a batch",
        "none",
        "Mean over 15 minutes: in = out + removed + quarantined. Bad: many quarantined "
        "rows: the source sends what nobody can read.",
        Query(
            f"sum by (dataset, way) (increase({of(ROWS, DATASET)}[15m]))"
            " / on (dataset) group_left ()"
            f" (sum by (dataset) (increase({of(CLEANED, DATASET)}[15m])) > 0)",
            "{{dataset}} {{way}}",
        ),
        width=8,
        counts="rows",
    ),
    graph(
        "Attempts at events",
        "none",
        "Per 15 minutes, by how they ended. Bad: poison and bug at all; outage while no "
        "server is known to be away.",
        Query(growth(HANDLED, "topic", "15m", 'outcome="handled"'), "{{topic}} handled"),
        Query(
            growth(HANDLED, "topic, outcome", "15m", 'outcome!="handled"') + " > 0",
            "{{topic}} {{outcome}}",
        ),
        width=8,
        counts="attempts",
    ),
    graph(
        "Waiting for something that is away",
        "s",
        "Since when a service waits for a server, or a partition for its next attempt. "
        "Bad: a line that climbs.",
        Query(
            "time() - (relevo_runtime_waiting_since_seconds"
            " or relevo_runtime_outage_since_seconds)",
            "{{job}}: {{what}}{{group}} {{topic}}",
        ),
        width=8,
        nothing="nobody waits",
    ),
]

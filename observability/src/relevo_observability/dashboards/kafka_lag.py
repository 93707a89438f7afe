"""Kafka lag: how far each consumer group is behind, seen from outside of it."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from relevo_observability.dashboards.building import Row, board
from relevo_observability.dashboards.choice import Variable
from relevo_observability.dashboards.panels import Query, graph, number
from relevo_observability.dashboards.promql import DATASET_OR_NONE, OURS, of

LAG_SECONDS = of("relevo_lag_watcher_lag_seconds", OURS, DATASET_OR_NONE)
LAG_RECORDS = of("relevo_lag_watcher_lag_records", OURS, DATASET_OR_NONE)
COMMITTED = of("relevo_lag_watcher_committed_offset", OURS, DATASET_OR_NONE)
MEMBERS = of("relevo_lag_watcher_group_members", OURS, DATASET_OR_NONE)


def kafka_lag() -> Dashboard:
    """Lags in records and in seconds, and what moves them."""
    return board(
        "kafka-lag",
        "Kafka lag",
        "How far each consumer group is behind, in records and in seconds, by the "
        "lag-watcher: also while the consumers are dead. Cleaner and trainer have a group "
        "per dataset; strangers' such as an open console are never shown.",
        Row("Now", NOW),
        Row("Lag", LAG),
        Row("Flow", FLOW),
        Row("Trouble", TROUBLE),
        variable=Variable("dataset", "relevo_lag_watcher_group_members"),
    )


NOW = [
    number(
        "Longest lag",
        "s",
        "Age of the oldest record that a group has not committed. Bad: minutes.",
        Query(f"max by (group) ({LAG_SECONDS})", "{{group}}"),
        worse=60,
        worst=300,
        width=6,
    ),
    number(
        "Records behind",
        "none",
        "Of each group. Bad: a number that only grows.",
        Query(f"sum by (group) ({LAG_RECORDS})", "{{group}}"),
        worse=5,
        worst=20,
        width=6,
        whole=True,
    ),
    number(
        "Groups without a member",
        "none",
        "Nobody reads for them. Bad: more than 0, but for a restart.",
        Query(f"sum({MEMBERS} == bool 0)"),
        worst=1,
        width=6,
        whole=True,
    ),
    number(
        "Last look at Kafka",
        "s",
        "How long ago the lag-watcher saw Kafka. Bad: what else is on this page is as old.",
        Query("time() - max(relevo_lag_watcher_last_look_timestamp_seconds)"),
        worse=30,
        worst=120,
        width=6,
    ),
]
LAG = [
    graph(
        "Lag in seconds",
        "s",
        "The longest of a group's partitions. Bad: a line that climbs by one second each "
        "second: that group stands still.",
        Query(f"max by (group, topic) ({LAG_SECONDS})", "{{group}} of {{topic}}"),
    ),
    graph(
        "Lag in records",
        "none",
        "Over all partitions. Bad: a line that does not come back to 0 between batches.",
        Query(f"sum by (group, topic) ({LAG_RECORDS})", "{{group}} of {{topic}}"),
        counts="records",
    ),
]
FLOW = [
    graph(
        "Written",
        "none",
        "Records that each topic ever had. Bad: no step where the source released a batch.",
        Query(
            'sum by (topic) (relevo_lag_watcher_end_offset{topic!~".+[.]dead"})',
            "{{topic}}",
        ),
        width=8,
        counts="records",
    ),
    graph(
        "Committed",
        "none",
        "Records that each group has done with. Bad: it does not follow what was written.",
        Query(f"sum by (group, topic) ({COMMITTED})", "{{group}} of {{topic}}"),
        width=8,
        counts="records",
    ),
    graph(
        "Members",
        "none",
        "Processes that share the work of a group. Bad: 0, or more than there are "
        "partitions: the rest has nothing to do.",
        Query(f"max by (group) ({MEMBERS})", "{{group}}"),
        width=8,
        counts="processes",
    ),
]
TROUBLE = [
    graph(
        "Dead letters",
        "none",
        "Messages in each topic of dead letters. Bad: a step upwards.",
        Query(
            'sum by (topic) (relevo_lag_watcher_end_offset{topic=~".+[.]dead"})',
            "{{topic}}",
        ),
        width=8,
        counts="messages",
    ),
    graph(
        "Paused",
        "s",
        "Seconds per 15 minutes that partitions waited before a message was read again. "
        "Nothing is shown while none ever had to. Bad: while no server is known to be "
        "away.",
        Query(
            "sum by (job, topic) (increase(relevo_runtime_paused_seconds_total[15m]))",
            "{{job}} {{topic}}",
        ),
        width=8,
    ),
    graph(
        "A look at Kafka",
        "s",
        "Mean over a minute. Bad: more than a second: the broker is slow, or the network.",
        Query(
            "sum(rate(relevo_lag_watcher_look_seconds_sum[1m]))"
            " / sum(rate(relevo_lag_watcher_look_seconds_count[1m]))",
            "look",
        ),
        width=8,
    ),
]

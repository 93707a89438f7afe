"""Every metric of the lag-watcher; a series goes when what it is about goes."""

from prometheus_client import Counter, Gauge, Histogram

from relevo_contracts import metric_names

PLACE = ["group", "dataset", "topic", "partition"]
"""dataset: whose group it is, where each dataset has one; else nothing."""

LAG_RECORDS = Gauge(
    metric_names.LAG_RECORDS,
    "Records that the group has not committed yet",
    PLACE,
)
LAG_SECONDS = Gauge(
    metric_names.LAG_SECONDS,
    "Age of the oldest record that the group has not committed; 0 when there is none, "
    "absent when it could not be read",
    PLACE,
)
COMMITTED_OFFSET = Gauge(
    "relevo_lag_watcher_committed_offset",
    "What the group has committed; absent when it never did",
    PLACE,
)
START_OFFSET = Gauge(
    "relevo_lag_watcher_start_offset",
    "The first offset that the partition's log still holds",
    ["topic", "partition"],
)
END_OFFSET = Gauge(
    "relevo_lag_watcher_end_offset",
    "The offset that the partition's next record will have",
    ["topic", "partition"],
)
GROUP_MEMBERS = Gauge(
    "relevo_lag_watcher_group_members",
    "Members that the group has now",
    ["group", "dataset"],
)
GROUP_STATE = Gauge(
    "relevo_lag_watcher_group_state",
    "1 for the state that the group is in, in Kafka's words",
    ["group", "dataset", "state"],
)
UP = Gauge(
    "relevo_lag_watcher_up",
    "1 when the last look succeeded; 0: the other metrics are as old as the last look",
)
LAST_LOOK = Gauge(
    "relevo_lag_watcher_last_look_timestamp_seconds",
    "Unix time of the last look that succeeded",
)
LOOKING = Histogram(
    "relevo_lag_watcher_look_seconds",
    "How long a look took",
    buckets=(0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
FAILED_LOOKS = Counter("relevo_lag_watcher_failed_looks", "Looks that did not succeed")

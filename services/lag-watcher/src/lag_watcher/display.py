"""Shows looks as metrics, and takes away what a look does not see any more."""

from collections import defaultdict
from collections.abc import Mapping

from prometheus_client import Gauge

from lag_watcher import metrics
from lag_watcher.lag import Group, Lag, Look, Partition, Span

Labels = tuple[str, ...]
Series = Mapping[Gauge, Mapping[Labels, float]]


class MetricsDisplay:
    """The Display of the service; there is one per process, as of the metrics."""

    def __init__(self) -> None:
        metrics.UP.set(0)
        self._shown: dict[Gauge, set[Labels]] = defaultdict(set)

    def show(self, look: Look, *, seconds: float) -> None:
        """What was seen, and how long the look took."""
        for gauge, values in series(look).items():
            for labels in self._shown[gauge] - values.keys():
                gauge.remove(*labels)
            for labels, value in values.items():
                gauge.labels(*labels).set(value)
            self._shown[gauge] = set(values)
        metrics.LOOKING.observe(seconds)
        metrics.LAST_LOOK.set_to_current_time()
        metrics.UP.set(1)

    def show_outage(self) -> None:
        """Nothing can be seen now: the metrics stay as they are, and `up` says so."""
        metrics.FAILED_LOOKS.inc()
        metrics.UP.set(0)


def series(look: Look) -> Series:
    """The values of a look by gauge and labels."""
    return of_lags(look.lags) | of_spans(look.spans) | of_groups(look.groups)


def of_lags(lags: tuple[Lag, ...]) -> dict[Gauge, dict[Labels, float]]:
    """How far behind, per group and partition."""
    places = {
        (lag.standing.group, *of_partition(lag.standing.partition)): lag for lag in lags
    }
    return {
        metrics.LAG_RECORDS: {at: lag.standing.records for at, lag in places.items()},
        metrics.LAG_SECONDS: {
            at: lag.seconds for at, lag in places.items() if lag.seconds is not None
        },
        metrics.COMMITTED_OFFSET: {
            at: lag.standing.committed
            for at, lag in places.items()
            if lag.standing.committed is not None
        },
    }


def of_spans(spans: Mapping[Partition, Span]) -> dict[Gauge, dict[Labels, float]]:
    """What the logs hold, per partition."""
    return {
        metrics.START_OFFSET: {of_partition(at): span.start for at, span in spans.items()},
        metrics.END_OFFSET: {of_partition(at): span.end for at, span in spans.items()},
    }


def of_groups(groups: tuple[Group, ...]) -> dict[Gauge, dict[Labels, float]]:
    """Who is there, per group."""
    return {
        metrics.GROUP_MEMBERS: {(group.name,): group.members for group in groups},
        metrics.GROUP_STATE: {(group.name, group.state): 1 for group in groups},
    }


def of_partition(partition: Partition) -> tuple[str, str]:
    """The labels `topic` and `partition`."""
    return partition.topic, str(partition.number)

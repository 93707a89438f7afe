"""Shows looks as metrics, and takes away what a look does not see any more."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from prometheus_client import Gauge

from lag_watcher import metrics
from lag_watcher.lag import Group, Lag, Look, Partition, Span

Labels = tuple[str, ...]
Series = Mapping[Gauge, Mapping[Labels, float]]
Named = Callable[[str], tuple[str, str]]


class MetricsDisplay:
    """The Display of the service; there is one per process, as of the metrics.

    dataset_of: the dataset of each group that is one dataset's.
    """

    def __init__(self, dataset_of: Mapping[str, str]) -> None:
        metrics.UP.set(0)
        self._dataset_of = dataset_of
        self._shown: dict[Gauge, set[Labels]] = defaultdict(set)

    def show(self, look: Look, *, seconds: float) -> None:
        """What was seen, and how long the look took."""
        for gauge, values in series(look, self._dataset_of).items():
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


def series(look: Look, dataset_of: Mapping[str, str]) -> Series:
    """The values of a look by gauge and labels."""

    def named(group: str) -> tuple[str, str]:
        """The labels `group` and `dataset`."""
        return group, dataset_of.get(group, "")

    lags, groups = of_lags(look.lags, named), of_groups(look.groups, named)
    return lags | of_spans(look.spans) | groups


def of_lags(lags: tuple[Lag, ...], named: Named) -> dict[Gauge, dict[Labels, float]]:
    """How far behind, per group and partition."""
    places = {
        (*named(lag.standing.group), *of_partition(lag.standing.partition)): lag
        for lag in lags
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


def of_groups(groups: tuple[Group, ...], named: Named) -> dict[Gauge, dict[Labels, float]]:
    """Who is there, per group."""
    return {
        metrics.GROUP_MEMBERS: {named(group.name): group.members for group in groups},
        metrics.GROUP_STATE: {(*named(group.name), group.state): 1 for group in groups},
    }


def of_partition(partition: Partition) -> tuple[str, str]:
    """The labels `topic` and `partition`."""
    return partition.topic, str(partition.number)

"""Every metric that our code declares, read from the `metrics.py` of each package."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from prometheus_client.metrics import MetricWrapperBase

from cleaner import metrics as cleaner
from data_api import metrics as data_api
from inference import metrics as inference
from ingestor import metrics as ingestor
from lag_watcher import metrics as lag_watcher
from registry_watcher import metrics as registry_watcher
from relevo_runtime import metrics as runtime
from relevo_storage import metrics as storage
from trainer import metrics as trainer

SECTIONS: dict[str, ModuleType] = {
    "data-api": data_api,
    "ingestor": ingestor,
    "cleaner": cleaner,
    "trainer": trainer,
    "registry-watcher": registry_watcher,
    "inference": inference,
    "lag-watcher": lag_watcher,
    "runtime": runtime,
    "storage": storage,
}
SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_count", "_sum"),
    "gauge": ("",),
}
"""What Prometheus appends to a metric's name, by its type."""


@dataclass(frozen=True)
class Declared:
    """One metric, as its module declares it."""

    name: str
    type: str
    labels: tuple[str, ...]
    help: str

    @property
    def series(self) -> tuple[str, ...]:
        """The names under which Prometheus stores it."""
        return tuple(self.name + suffix for suffix in SUFFIXES[self.type])


def declared(module: ModuleType) -> Iterator[Declared]:
    """The module's metrics in the order of their declaration."""
    for collector in vars(module).values():
        if isinstance(collector, MetricWrapperBase):
            (metric,) = collector.describe()
            labels = tuple(collector._labelnames)
            yield Declared(metric.name, metric.type, labels, metric.documentation)


def all_series() -> set[str]:
    """The name of every series that our code can expose."""
    return {
        name
        for module in SECTIONS.values()
        for metric in declared(module)
        for name in metric.series
    }

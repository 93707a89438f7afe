"""Every metric that our code declares, read from the `metrics.py` of each package."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from prometheus_client.metrics import MetricWrapperBase

WORKSPACE = Path(__file__).parents[3]
# by folder, so that a new service is found without being named
FILES = [
    *sorted(WORKSPACE.glob("services/*/src/*/metrics.py")),
    *sorted(WORKSPACE.glob("packages/*/src/*/metrics.py")),
]
SECTIONS: dict[str, ModuleType] = {
    file.parents[2].name: import_module(f"{file.parent.name}.metrics") for file in FILES
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
    return set(labels_of_series())


def labels_of_series() -> dict[str, tuple[str, ...]]:
    """The labels of each of them."""
    return {
        name: metric.labels
        for module in SECTIONS.values()
        for metric in declared(module)
        for name in metric.series
    }

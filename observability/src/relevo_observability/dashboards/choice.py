"""What is chosen above a dashboard's panels, and which promotions are marked for it."""

from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as models

from relevo_observability.dashboards.promql import of

PROMETHEUS = models.DataSourceRef(type_val="prometheus", uid="prometheus")
PROMOTED = "relevo_registry_watcher_promoted_timestamp_seconds"


@dataclass(frozen=True)
class Variable:
    """A choice above the panels: values of a label, as a metric that has it tells them."""

    label: str
    metric: str

    def build(self) -> dashboard.QueryVariable:
        every = models.VariableOption(selected=True, text="All", value="$__all")
        return (
            dashboard.QueryVariable(self.label)
            .label(self.label)
            .query(f"label_values({self.metric}, {self.label})")
            .datasource(PROMETHEUS)
            .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
            .sort(models.VariableSort.ALPHABETICAL_ASC)
            .multi(True)
            .include_all(True)
            .all_value(".*")
            .current(every)
        )


class Promotions(dashboard.AnnotationQuery):
    """A mark at the moment of each promotion; `chosen`: a matcher of its models."""

    def __init__(self, *chosen: str) -> None:
        super().__init__()
        self._internal = PromotionsModel(
            name="Promotions", datasource=PROMETHEUS, icon_color="purple"
        )
        self._internal.expr = f"{of(PROMOTED, *chosen)} * 1000"


class PromotionsModel(models.AnnotationQuery):
    """The SDK's annotation with Prometheus's own fields, which it does not have."""

    expr: str

    def to_json(self) -> dict[str, object]:
        return super().to_json() | {
            "expr": self.expr,
            "useValueForTime": True,
            "titleFormat": "version {{model_version}} of {{model}} promoted",
        }

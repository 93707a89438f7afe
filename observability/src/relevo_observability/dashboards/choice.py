"""What is chosen and linked above a dashboard's panels, and which promotions are marked."""

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


@dataclass(frozen=True)
class Door:
    """A page beside Grafana's.

    Only who started the platform knows where a browser finds it: its address is a label
    of the target `doors` of Prometheus.
    """

    name: str
    title: str

    def address(self) -> dashboard.QueryVariable:
        return (
            dashboard.QueryVariable(self.name)
            .query(f'label_values(up{{job="doors"}}, {self.name})')
            .datasource(PROMETHEUS)
            .refresh(models.VariableRefresh.ON_DASHBOARD_LOAD)
            .hide(models.VariableHide.HIDE_VARIABLE)
        )

    def link(self) -> dashboard.DashboardLink:
        return (
            dashboard.DashboardLink(self.title)
            .type(models.DashboardLinkType.LINK)
            .url(f"${{{self.name}}}")
            .icon("external link")
            .tooltip("where compose.yaml's `doors` say that it is")
            .target_blank(True)
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

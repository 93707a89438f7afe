"""How a panel and a dashboard of ours look; the dashboards themselves say only what."""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import (
    common,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    timeseries,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    TooltipDisplayMode,
    VisibilityMode,
)

from relevo_observability.dashboards.choice import PROMETHEUS, Promotions, Variable

GRAPH_HEIGHT, NUMBER_HEIGHT = 8, 4
TAG = "relevo"

Panel = Builder[models.Panel]


@dataclass(frozen=True)
class Query:
    """PromQL and the name of its lines: text with {{labels}}."""

    expr: str
    legend: str = ""

    def build(self, reference: str) -> prometheus.Dataquery:
        query = prometheus.Dataquery().expr(self.expr).ref_id(reference).range()
        return query.legend_format(self.legend or "__auto").datasource(PROMETHEUS)


def graph(
    title: str, unit: str, bad: str, *queries: Query, width: int = 12
) -> timeseries.Panel:
    """Lines over time. unit: Grafana's name of it; bad: what a person should not see."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(bad)
        .unit(unit)
        .span(width)
        .height(GRAPH_HEIGHT)
        .datasource(PROMETHEUS)
        .fill_opacity(8)
        .show_points(VisibilityMode.AUTO)
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
    )
    for reference, query in zip("ABCDEFGH", queries, strict=False):
        panel.with_target(query.build(reference))
    return panel


def timeline(title: str, bad: str, query: Query) -> statetimeline.Panel:
    """A bar for as long as a series is there, one below the other."""
    return (
        statetimeline.Panel()
        .title(title)
        .description(bad)
        .unit("none")
        .span(12)
        .height(GRAPH_HEIGHT)
        .datasource(PROMETHEUS)
        .show_value(VisibilityMode.NEVER)
        .row_height(0.8)
        .with_target(query.build("A"))
    )


def number(
    title: str,
    unit: str,
    bad: str,
    query: Query,
    *,
    worse: float | None = None,
    worst: float | None = None,
    width: int = 4,
) -> stat.Panel:
    """The newest value; yellow from `worse` on, red from `worst` on."""
    steps = [models.Threshold(value=None, color="green")]
    if worse is not None:
        steps.append(models.Threshold(value=worse, color="yellow"))
    if worst is not None:
        steps.append(models.Threshold(value=worst, color="red"))
    return (
        stat.Panel()
        .title(title)
        .description(bad)
        .unit(unit)
        .span(width)
        .height(NUMBER_HEIGHT)
        .datasource(PROMETHEUS)
        .graph_mode(BigValueGraphMode.AREA)
        .thresholds(
            dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)
        )
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(query.build("A"))
    )


Row = tuple[str, Sequence[Panel]]


def board(
    name: str, title: str, about: str, *rows: Row, variable: Variable | None = None
) -> dashboard.Dashboard:
    """A dashboard of titled rows; the widths of a row's panels add up to 24 or its half.

    variable: its expressions are to match the label of that name; all until one is chosen.
    """
    built = (
        dashboard.Dashboard(title)
        .uid(f"relevo-{name}")
        .description(about)
        .tags([TAG])
        .time("now-1h", "now")
        .refresh("10s")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .readonly()
        .link(
            dashboard.DashboardLink("relevo")
            .type(models.DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .as_dropdown(True)
            .keep_time(True)
        )
    )
    if variable is None:
        built.annotation(Promotions())
    else:
        built.with_variable(variable.build())
        built.annotation(Promotions(f'model=~"${variable.label}"'))
    for heading, panels in rows:
        built.with_row(dashboard.Row(heading))
        for panel in panels:
            built.with_panel(panel)
    return built


def as_json(built: dashboard.Dashboard) -> str:
    """The file that Grafana reads."""
    return JSONEncoder(sort_keys=True, indent=2).encode(built.build()) + "\n"

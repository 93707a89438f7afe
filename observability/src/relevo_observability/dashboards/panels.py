"""How a panel of ours looks; the dashboards themselves say only what it shows."""

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
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    LineInterpolation,
    LineStyle,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from relevo_observability.dashboards.choice import PROMETHEUS

GRAPH_HEIGHT, NUMBER_HEIGHT = 8, 4
SHARE = "percentunit"
CORES = "percentunit of a core"
"""A share that several threads may bring above 100 %."""
FIGURE = "figure"
"""What has no unit and no floor worth seeing, such as ROC-AUC."""

Panel = Builder[models.Panel]


@dataclass(frozen=True)
class Query:
    """PromQL and the name of its lines: text with {{labels}}."""

    expr: str
    legend: str = ""
    instant: bool = False

    def build(self, reference: str) -> prometheus.Dataquery:
        query = prometheus.Dataquery().expr(self.expr).ref_id(reference)
        query = query.instant() if self.instant else query.range()
        return query.legend_format(self.legend or "__auto").datasource(PROMETHEUS)


def graph(
    title: str,
    unit: str,
    bad: str,
    *queries: Query,
    width: int = 12,
    counts: str | None = None,
    legend_right: bool = False,
    bands: Sequence[str] = (),
    nothing: str | None = None,
) -> timeseries.Panel:
    """Lines over time. unit: Grafana's name of it; bad: what a person should not see.

    counts: what is counted, in whole numbers. bands: the lines that have an interval, as
    lines of the same name and " low" and " high". nothing: why there may be none.
    """
    panel = (
        timeseries.Panel()
        .title(title)
        .description(bad)
        .unit("none" if unit == FIGURE else unit.partition(" ")[0])
        .span(width)
        .height(GRAPH_HEIGHT)
        .datasource(PROMETHEUS)
        .fill_opacity(0)
        .show_points(VisibilityMode.AUTO)
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.RIGHT if legend_right else LegendPlacement.BOTTOM)
            .show_legend(True)
        )
    )
    for reference, query in zip("ABCDEFGH", queries, strict=False):
        panel.with_target(query.build(reference))
    _scale(panel, unit, counts)
    for line in bands:
        _interval(panel, line)
    return panel if nothing is None else panel.no_value(nothing)


def _scale(panel: timeseries.Panel, unit: str, counts: str | None) -> None:
    if unit == FIGURE:
        panel.decimals(3)
        return
    panel.min(0)
    if unit == SHARE:
        panel.max(1)
    elif unit == CORES:
        panel.axis_soft_max(1)
    if counts is not None:
        panel.decimals(0).axis_label(counts).axis_soft_max(4)
        panel.line_interpolation(LineInterpolation.STEP_AFTER)


def _interval(panel: timeseries.Panel, line: str) -> None:
    """From " low" to " high" of the line there is a shade, without lines and names."""
    hidden = {"legend": True, "tooltip": False, "viz": False}
    edge = [
        DynamicConfigValue(id_val="custom.lineWidth", value=0),
        DynamicConfigValue(id_val="custom.showPoints", value="never"),
        DynamicConfigValue(id_val="custom.hideFrom", value=hidden),
    ]
    shade = [
        DynamicConfigValue(id_val="custom.fillBelowTo", value=f"{line} low"),
        DynamicConfigValue(id_val="custom.fillOpacity", value=25),
    ]
    panel.override_by_name(f"{line} low", edge)
    panel.override_by_name(f"{line} high", edge + shade)


def dashed(panel: timeseries.Panel, lines: str) -> timeseries.Panel:
    """The panel with the lines whose names match drawn as dashes."""
    dashes = LineStyle(fill="dash", dash=[6, 6])
    return panel.override_by_regexp(
        lines, [DynamicConfigValue(id_val="custom.lineStyle", value=dashes)]
    )


def timeline(
    title: str,
    bad: str,
    *queries: Query,
    width: int = 12,
    nothing: str | None = None,
) -> statetimeline.Panel:
    """A green bar for as long as a series is 1, gray while 0, one below the other."""
    steps = [
        models.Threshold(value=None, color="#5a5d66"),
        models.Threshold(value=1, color="green"),
    ]
    panel = (
        statetimeline.Panel()
        .title(title)
        .description(bad)
        .unit("bool_yes_no")
        .span(width)
        .height(GRAPH_HEIGHT)
        .datasource(PROMETHEUS)
        .show_value(VisibilityMode.NEVER)
        .row_height(0.8)
        .legend(common.VizLegendOptions().show_legend(False))
        .color_scheme(dashboard.FieldColor().mode(models.FieldColorModeId.THRESHOLDS))
        .thresholds(
            dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)
        )
    )
    for reference, query in zip("ABCDEFGH", queries, strict=False):
        panel.with_target(query.build(reference))
    return panel if nothing is None else panel.no_value(nothing)


def number(
    title: str,
    unit: str,
    bad: str,
    query: Query,
    *,
    worse: float | None = None,
    worst: float | None = None,
    width: int = 4,
    height: int = NUMBER_HEIGHT,
    whole: bool = False,
    nothing: str | None = None,
) -> stat.Panel:
    """The newest value; yellow from `worse` on, red from `worst` on.

    whole: a count. nothing: what is said while there is no value.
    """
    steps = [models.Threshold(value=None, color="green")]
    if worse is not None:
        steps.append(models.Threshold(value=worse, color="yellow"))
    if worst is not None:
        steps.append(models.Threshold(value=worst, color="red"))
    panel = (
        stat.Panel()
        .title(title)
        .description(bad)
        .unit("none" if unit == FIGURE else unit)
        .span(width)
        .height(height)
        .datasource(PROMETHEUS)
        .graph_mode(BigValueGraphMode.NONE if query.instant else BigValueGraphMode.AREA)
        .min(0)
        .thresholds(
            dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)
        )
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(query.build("A"))
    )
    if whole:
        panel.decimals(0)
    elif unit == FIGURE:
        panel.decimals(3)
    return panel if nothing is None else panel.no_value(nothing)

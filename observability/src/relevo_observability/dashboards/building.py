"""How a dashboard of ours looks: rows of panels, a choice above them, links to the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models

from relevo_observability.dashboards.choice import Door, Promotions, Variable
from relevo_observability.dashboards.panels import Panel

TAG = "relevo"
DOORS = (
    Door("console", "Console"),
    Door("mlflow", "MLflow"),
    Door("traces", "Traces"),
    Door("alerts", "Alerts"),
)


@dataclass(frozen=True)
class Row:
    """A title and the panels below it, whose widths add up to 24.

    each: the label for each of whose chosen values the row is shown.
    """

    heading: str
    panels: Sequence[Panel]
    each: str | None = None


def board(
    name: str, title: str, about: str, *rows: Row, variable: Variable | None = None
) -> dashboard.Dashboard:
    """A dashboard of titled rows.

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
            dashboard.DashboardLink("Boards")
            .type(models.DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .keep_time(True)
            .include_vars(True)
        )
    )
    if variable is None:
        built.annotation(Promotions())
    else:
        built.with_variable(variable.build())
        built.annotation(Promotions(f'model=~"${variable.label}"'))
    for door in DOORS:
        built.with_variable(door.address()).link(door.link())
    for row in rows:
        heading = dashboard.Row(row.heading)
        built.with_row(heading if row.each is None else heading.repeat(row.each))
        for panel in row.panels:
            built.with_panel(panel)
    return built


def as_json(built: dashboard.Dashboard) -> str:
    """The file that Grafana reads."""
    return JSONEncoder(sort_keys=True, indent=2).encode(built.build()) + "\n"

"""Actions and promotions in one list: when, who, what, why."""

from collections.abc import Iterable

from rich.table import Table

from relevo_contracts.actions import Action
from relevo_contracts.results import Promotion
from relevo_operations.history import Told, time_of
from relevo_story.telling import figures


def as_table(told: Iterable[Told]) -> Table:
    """The list as people read it."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("time", "who", "what"):
        table.add_column(title, no_wrap=True, header_style="dim")
    for title in ("what came of it", "why"):
        table.add_column(title, overflow="fold", header_style="dim")
    for each in told:
        time = f"{time_of(each).astimezone():%Y-%m-%d %H:%M:%S}"
        cells = of_action(each) if isinstance(each, Action) else of_promotion(each)
        table.add_row(time, *cells)
    return table


def of_action(action: Action) -> tuple[str, str, str, str]:
    """Who, what, what came of it, why."""
    result = action.result or "nobody noted what came of it"
    if action.outcome == "failed":
        result = f"failed: {result}"
    return action.who, action.what.value, result, action.why or ""


def of_promotion(promotion: Promotion) -> tuple[str, str, str, str]:
    """The same of a promotion, which the registry-watcher saw."""
    before = promotion.previous_version
    relieved = f" relieves version {before}" if before else " is the first"
    result = f"version {promotion.model_version} of {promotion.model}{relieved}"
    by = promotion.moved_by or "unknown"
    who = promotion.who or ("by hand in MLflow" if by == "person" else by)
    return who, "promoted", result, figures.reason(promotion.why or "")

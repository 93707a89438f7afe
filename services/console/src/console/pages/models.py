"""The page `Models`: who was champion when and why, how good, and versions side by side."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from console.live.telling import LiveStory
from console.pages.shell import Shell
from console.reading.readers import Readers
from console.reading.reigns import reigns_of
from console.reading.versions import Version, reasons_of, trainings_of, versions_of
from relevo_contracts import OutageError
from relevo_contracts.errors import first_line
from relevo_contracts.results import Promotion, StageResult, Verdict
from relevo_contracts.statistics import TrainedStatistics
from relevo_story.telling import figures

MOST_COMPARED = 3
SHOWN = 60
"""Batches of the chart, and versions and reigns of a list."""

Compare = Annotated[list[str] | None, Query()]


def routes(shell: Shell, live: LiveStory, readers: Readers) -> APIRouter:
    """All models, and one of them."""
    router = APIRouter()

    @router.get("/models", response_class=HTMLResponse)
    async def models() -> HTMLResponse:
        names = sorted({each.model for each in live.story.champions})
        champions = {each.model: each for each in live.story.champions}
        return shell.page(
            "models.html",
            key="models",
            models=[(champions[name], trainings_of(live.results, name)) for name in names],
        )

    @router.get("/models/{model}", response_class=HTMLResponse)
    async def model(model: str, compare: Compare = None) -> HTMLResponse:
        trainings = trainings_of(live.results, model)
        promotions, reason = await promotions_of(model, readers)
        versions = versions_of(trainings, promotions)
        by_number = {each.number: each for each in versions}
        chosen = list(dict.fromkeys(n for n in compare or () if n in by_number))
        return shell.page(
            "model.html",
            key="models",
            status=200 if versions or reason else 404,
            model=model,
            reason=reason,
            champion=champion_of(live, model),
            reigns=reigns_of(promotions, reasons_of(versions))[:SHOWN],
            versions=versions[:SHOWN],
            chosen=[by_number[number] for number in chosen[:MOST_COMPARED]],
            compared_figures=figures_of([by_number[number] for number in chosen]),
            chart=chart_of(trainings[-SHOWN:]),
        )

    return router


def champion_of(live: LiveStory, model: str) -> str | None:
    """The version that should serve now."""
    found = (each.version for each in live.story.champions if each.model == model)
    return next(found, None)


async def promotions_of(model: str, readers: Readers) -> tuple[list[Promotion], str]:
    """All promotions of a model, oldest first, or none and why they are not known."""
    try:
        async with readers.open_history() as history:
            return await history.promotions(model), ""
    except OutageError as error:
        return [], f"The history of promotions cannot be read now: {first_line(error)}"


def chart_of(trainings: Sequence[StageResult]) -> dict[str, object] | None:
    """Test and live figures by batch, as static/charts.js draws them; None: too few."""
    noted = [(each, TrainedStatistics.read(each.statistics)) for each in trainings]
    figure = next((n.figure for _, n in reversed(noted) if n.figure), None)
    shown = [(each, n) for each, n in noted if figure and n.figure == figure]
    if len(shown) < 2:
        return None
    ends = [n.intervals.get(figure or "", {}) for _, n in shown]
    return {
        "title": figures.figure(figure),
        "x": [each.number for each, _ in shown],
        "promoted": [each.verdict is Verdict.PROMOTED for each, _ in shown],
        "versions": [n.model_version for _, n in shown],
        "lines": [
            {"label": "new version, test", "values": [n.test for _, n in shown]},
            {"label": "champion, test", "values": [n.champion for _, n in shown]},
            {"label": "champion, live", "values": [n.live for _, n in shown]},
        ],
        "low": [each.get("low") for each in ends],
        "high": [each.get("high") for each in ends],
    }


def figures_of(versions: Sequence[Version]) -> list[str]:
    """The figures that one of the versions has an interval of, the leading one first."""
    leading = {each.noted.figure for each in versions}
    names = {name for each in versions for name in each.noted.intervals}
    return sorted(names, key=lambda name: (name not in leading, name))

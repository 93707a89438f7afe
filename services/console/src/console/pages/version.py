"""One version of a model: its figures, its card, and its lineage down to the source."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from console.live.telling import LiveStory
from console.pages.models import champion_of, promotions_of
from console.pages.shell import Shell
from console.reading.card import as_html
from console.reading.lineage import lineage_of
from console.reading.readers import Readers
from console.reading.registry import Registered
from console.reading.reigns import reigns_of
from console.reading.versions import reasons_of, trainings_of, versions_of
from relevo_contracts import OutageError
from relevo_contracts.errors import first_line


def routes(shell: Shell, live: LiveStory, readers: Readers) -> APIRouter:
    """The page."""
    router = APIRouter()

    @router.get("/models/{model}/{number}", response_class=HTMLResponse)
    async def version(model: str, number: str) -> HTMLResponse:
        promotions, reason = await promotions_of(model, readers)
        versions = versions_of(trainings_of(live.results, model), promotions)
        known = next((each for each in versions if each.number == number), None)
        registered, away = await registered_of(model, number, readers)
        reigns = reigns_of(promotions, reasons_of(versions))
        return shell.page(
            "version.html",
            key="models",
            status=200 if known or registered or away else 404,
            model=model,
            number=number,
            version=known,
            champion=champion_of(live, model),
            reigns=[each for each in reigns if each.version == number],
            reason=reason,
            registered=registered,
            away=away,
            card=as_html(registered.description) if registered else None,
            bundle=(known and known.bundle_sha256)
            or (registered and registered.bundle_sha256),
            lineage=lineage_of(known.batches, live.results) if known else [],
        )

    return router


async def registered_of(
    model: str, number: str, readers: Readers
) -> tuple[Registered | None, str]:
    """What MLflow knows of the version, or why nobody can tell."""
    try:
        return await readers.read_version(model, number), ""
    except OutageError as error:
        return None, f"MLflow cannot be asked for the card now: {first_line(error)}"

"""The door's routes about the pod: does it live, is it ready, its figures."""

from datetime import UTC, datetime

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from inference.door.documentation import NO_MODEL, problem_responses
from inference.door.information import Health, Ready
from inference.duty.slot import Serving, Slot
from inference.duty.slots import Slots
from inference.duty.sources import Sources
from inference.tables.problems import no_model
from relevo_runtime.http.readiness import Readiness


def operation(
    slots: Slots, readiness: Readiness, sources: Sources, *, version: str
) -> APIRouter:
    """How the pod is. `version`: of relevo."""
    router = APIRouter(tags=["operation"])
    responses = problem_responses(*NO_MODEL)

    @router.get("/", include_in_schema=False)
    async def start() -> Response:
        """Whoever comes by a browser; relative, as the pod may be below a prefix."""
        return RedirectResponse("docs")

    @router.get("/health")
    async def health() -> Health:
        """The process lives."""
        serves = slots.default.serving
        return Health(
            model_loaded=serves is not None,
            model_version=serves.model.version if serves else None,
            source_status=sources.status(datetime.now(UTC)),
            version=version,
        )

    @router.get("/ready", responses=responses)
    async def ready() -> Ready:
        """The broker was reached, and a proven version of the default model answers."""
        if not readiness.ready:
            raise no_model(readiness.reason)
        serving(slots.default, readiness)
        return Ready()

    @router.get("/metrics", response_class=PlainTextResponse)
    async def figures() -> Response:
        """All metrics, for Prometheus."""
        return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})

    return router


def serving(slot: Slot, readiness: Readiness) -> Serving:
    """What answers now; raises Problem 503 with the reason when nothing does."""
    if slot.serving is None:
        raise no_model(slot.obstacle if readiness.ready else readiness.reason)
    return slot.serving

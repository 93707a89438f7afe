"""The door's routes about models: which there are, what each serves, and what it should."""

from fastapi import APIRouter, Request

from inference.door.api import serving
from inference.door.documentation import NO_MODEL, UNKNOWN_MODEL, problem_responses
from inference.door.information import ModelInfo, Models, all_models, model_info
from inference.door.recording import note
from inference.door.reloading import Reloaded, Reloader
from inference.duty.slot import Slot
from inference.duty.slots import Slots
from inference.tables.problems import unknown_model
from relevo_runtime.http.readiness import Readiness


def model_routes(slots: Slots, readiness: Readiness, reloader: Reloader) -> APIRouter:
    """What callers may ask about the models of this pod."""
    router = APIRouter(tags=["models"])

    def told(request: Request, name: str | None) -> ModelInfo:
        slot = find(request, slots, name)
        return model_info(slot, serving(slot, readiness))

    @router.get("/model-info", responses=problem_responses(*NO_MODEL))
    async def info(request: Request) -> ModelInfo:
        """What answers when no model is named."""
        return told(request, None)

    @router.get("/models", responses=problem_responses(*NO_MODEL))
    async def models() -> Models:
        """The models that this pod answers for, the default first."""
        return all_models(slots)

    @router.get("/models/{name}", responses=problem_responses(*UNKNOWN_MODEL))
    async def model(request: Request, name: str) -> ModelInfo:
        """What answers for one model: what it takes, how good it is, whence it came."""
        return told(request, name)

    async def reload(request: Request, model_name: str | None = None) -> Reloaded:
        """Reads anew which version should serve, and answers when it does.

        Nobody needs to ask for it: a promotion comes by itself. For callers of older
        servers, and to try again what was refused.
        """
        return await reloader.reload(find(request, slots, model_name))

    described = problem_responses(*UNKNOWN_MODEL)
    for path in ("reload_model", "reload-model"):
        name = path if "_" in path else "reload_model_by_its_other_name"
        router.post(f"/{path}", operation_id=name, responses=described)(reload)

    return router


def find(request: Request, slots: Slots, name: str | None) -> Slot:
    """The slot that a request is about, the default one if it names none.

    Raises Problem 404 that lists the names there are.
    """
    slot = slots.default if name is None else slots.get(name)
    if slot is None:
        raise unknown_model(name or "", slots.names)
    note(request, slot)
    return slot

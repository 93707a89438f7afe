"""Where inference is put together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial

from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline

from inference.door.access import OPERATORS, needed
from inference.door.api import operation
from inference.door.documentation import document
from inference.door.fast_path import fast_protocol
from inference.door.model_routes import model_routes
from inference.door.overload import Budget, Gate, Places, Room
from inference.door.parameters import only_known
from inference.door.prediction_routes import prediction_routes
from inference.door.recording import Recorder
from inference.door.reloading import Reloader, Reread
from inference.door.sizing import bytes_in_flight
from inference.door.turns import Turns
from inference.duty.announcing import Announcer
from inference.duty.interpreter import put_requests_first
from inference.duty.slots import Slots
from inference.duty.sources import Sources
from inference.duty.swapping import swap_all
from inference.handlers import PromotionHandler, build_handler, hear_what_was_missed
from inference.peers.desk import Desk
from inference.peers.forms import UNDECLARED
from inference.peers.kserve import kserve_routes
from inference.peers.mlflow import mlflow_routes
from inference.peers.open_inference import open_inference_routes
from inference.peers.telling import tell
from inference.settings import SERVICE, Settings
from inference.tables.bodies import Limits
from inference.tables.problems import answer_errors_as_problems
from relevo_contracts import ModelPromoted, SourceSeen
from relevo_runtime.http.access import Access
from relevo_runtime.http.life import Running, background, lifespan
from relevo_runtime.http.memory import memory_limit
from relevo_runtime.http.readiness import Readiness
from relevo_runtime.http.version import code_version
from relevo_runtime.kafka.following import follow, read_again
from relevo_runtime.kafka.publisher import open_publisher
from relevo_runtime.reconciling import Reconciliation, reconciling
from relevo_runtime.service import Protocol
from relevo_storage import open_store


def build(settings: Settings) -> FastAPI:
    """The service: it answers, and follows the promotions of its models."""
    names, limit = settings.named_models, settings.most_models
    slots = Slots(names, pod=settings.inference_pod, limit=limit)
    readiness, sources = Readiness(), Sources()
    handler = build_handler(slots)

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        async with (
            open_store(settings) as store,
            open_publisher(settings, service=SERVICE) as publisher,
        ):
            announcer = Announcer(publisher, service=SERVICE)
            async with follow(
                settings, service=SERVICE, event=ModelPromoted, handler=handler
            ) as following:
                # else a new pod would serve what was promoted long ago, for a moment
                await following.until_caught_up()
                put_requests_first()
                swaps = swap_all(slots, store, announcer.announce)
                missed = Reconciliation("promotion", hear_what_was_missed(slots, read))
                async with (
                    background(announcer.run(), hear_of_sources(), swaps),
                    reconciling(missed, every=settings.reconcile_interval_seconds),
                ):
                    yield

    async def hear_of_sources() -> None:
        # beside all else: no request waits for it
        async with follow(
            settings, service=SERVICE, event=SourceSeen, handler=sources.hear
        ):
            await asyncio.Event().wait()

    def read(hear: PromotionHandler) -> Awaitable[None]:
        return read_again(settings, service=SERVICE, event=ModelPromoted, handler=hear)

    reread = partial(read, handler)
    return build_app(settings, slots, readiness, sources, running, reread)


def protocol(app: FastAPI, settings: Settings) -> Protocol:
    """What reads its connections: plain requests are answered past the framework."""
    return fast_protocol(app.state.slots, max_bytes=settings.inference_max_bytes)


def access(_: Settings) -> Access:
    """Which keys open what."""
    return Access(needed, operators=OPERATORS)


def build_app(
    settings: Settings,
    slots: Slots,
    readiness: Readiness,
    sources: Sources,
    running: Running,
    reread: Reread,
) -> FastAPI:
    """The door of the slots, which `running` fills, and `reread` when it is asked to."""
    app = FastAPIOffline(  # /docs without a stranger's server, as in a closed network
        title="relevo inference",
        version=code_version(SERVICE),
        description="Predictions of the model that is promoted at the moment.",
        lifespan=lifespan(running, readiness),
        dependencies=[Depends(only_known)],
        generate_unique_id_function=lambda route: route.name,  # generators name by it
    )
    app.state.slots = slots
    limits = Limits(
        body_bytes=settings.inference_max_bytes,
        body_seconds=settings.inference_body_seconds,
        rows=settings.inference_max_rows,
    )
    batches = Turns(ThreadPoolExecutor(1, thread_name_prefix="batches"))
    app.include_router(prediction_routes(slots, readiness, limits, batches=batches))
    app.include_router(model_routes(slots, readiness, Reloader(reread)))
    app.include_router(operation(slots, readiness, sources, version=app.version))
    desk = Desk(slots, readiness, limits, batches)
    app.include_router(open_inference_routes(desk, version=app.version))
    app.include_router(mlflow_routes(desk, version=app.version))
    app.include_router(kserve_routes(desk))
    app.add_middleware(Gate, room=room_for(settings), tell=tell)
    app.add_middleware(Recorder)  # around the gate: what it refuses is counted too
    answer_errors_as_problems(app, tell)
    document(app, slots.manifests, default=slots.default.model, others=UNDECLARED)
    return app


def room_for(settings: Settings) -> Room:
    """Raises ValueError when there is too little memory for what the settings allow."""
    # a half for each: bodies that wait must not be in the way of the answers before them
    half = bytes_in_flight(settings, memory_limit()) // 2
    return Room(Places(settings.inference_max_requests), Budget(half), Budget(half))

"""What must hold of a platform however it runs: asked by its addresses alone.

The same functions for the embedded platform, compose.yaml and Kubernetes. They are made
in this order, of one dataset, while nobody else disturbs the platform.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import httpx
from mlflow import MlflowClient

from relevo_contracts import Topic
from relevo_contracts.results import Stage
from relevo_runtime.testing import eventually, open_probe
from tests.faults.invariants import broken
from tests.faults.seeing import Seen, records_of, seen_of
from tests.pipeline.reaching import MODEL, ReachedPlatform

RUBBISH = b"this is no event"
POD = "X-Relevo-Pod"
QUIET_WITHIN_SECONDS = 120


async def each_batch_ends_once(platform: ReachedPlatform, *, batches: int) -> None:
    """One object, one result, one fact, one verdict, one run of each, when all is quiet.

    batches: so many at least are waited for.
    """
    await platform.until_trained(batches, seconds=240)
    deadline = time.monotonic() + QUIET_WITHIN_SECONDS
    while wrong := list(broken(*await now(platform))):
        assert time.monotonic() < deadline, "\n".join(wrong)
        await asyncio.sleep(1)


async def now(platform: ReachedPlatform) -> tuple[Seen, dict[int, Stage]]:
    """All that there is, but for what pods have told that have gone; the batches taken."""
    seen = await seen_of(platform.addresses, MODEL, platform.client.headers)
    async with httpx.AsyncClient() as client:
        answers = [
            await client.get(f"{pod}/health") for pod in platform.addresses.inference
        ]
    there = {answer.headers[POD] for answer in answers}
    told = [r for r in seen.records[Topic.MODEL_SERVED] if r.body["pod"] in there]
    seen = replace(seen, records={**seen.records, Topic.MODEL_SERVED: told})
    taken = seen.progress.results[Stage.RAW]
    return seen, {result.number: Stage.TRAINED for result in taken}


def a_moved_alias_is_followed(platform: ReachedPlatform) -> None:
    """By every pod, there and back."""
    before = champion(platform)
    for version in ("1", before):
        move_alias(platform, version)
        platform.until_served(version, seconds=30)


def after_an_outage_it_goes_on(
    platform: ReachedPlatform, outage: Callable[[str], None]
) -> None:
    """Kafka and the store die while an alias moves: nobody is refused, and it is followed.

    outage: kills a server by its name, and returns when it is back.
    """
    before = champion(platform)
    for server in ("kafka", "store"):
        move_alias(platform, "1")
        outage(server)
        platform.until_served("1", seconds=90)
        move_alias(platform, before)
        platform.until_served(before, seconds=60)


async def poison_becomes_a_dead_letter(platform: ReachedPlatform) -> None:
    """It is put aside with its place and the reason, and is in the way of nobody."""
    kafka = platform.addresses.kafka
    async with open_probe(kafka) as probe:
        place = await probe.send_raw(Topic.BATCH_RAW, RUBBISH, key=b"nobody's")

    async def is_buried() -> bool:
        letters = [r for r in await records_of(kafka, MODEL) if r.topic.is_dead]
        return [letter.headers["dead_partition"] for letter in letters] == [
            str(place.partition)
        ]

    await eventually(is_buried, "one dead letter from there", seconds=60)
    a_moved_alias_is_followed(platform)


def champion(platform: ReachedPlatform) -> str:
    """The version on which the alias is."""
    client = MlflowClient(platform.addresses.mlflow)
    return str(client.get_model_version_by_alias(MODEL, "champion").version)


def move_alias(platform: ReachedPlatform, version: str) -> None:
    """As a person does in MLflow."""
    client = MlflowClient(platform.addresses.mlflow)
    client.set_registered_model_alias(MODEL, "champion", version)

"""The platform in a person's hands: what `relevo_operations` needs, by addresses."""

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from relevo.addresses import find, not_running, results_of
from relevo.errors import CommandError
from relevo.settings import Settings
from relevo_operations.batches import Batches
from relevo_operations.dead_letters import DeadLetters
from relevo_operations.held_batches import HeldBatches
from relevo_operations.history import Person
from relevo_operations.kafka_letter_box import KafkaLetterBox
from relevo_operations.mlflow_registry import open_registry
from relevo_operations.models import Models
from relevo_storage import PostgresCatalog
from relevo_story.sources.topics import read_dead_letters
from relevo_story.sources.whereabouts import Whereabouts


def person(who: str | None, why: str | None = None) -> Person:
    """Who does it: by option, else by the login name; CommandError without any."""
    try:
        return Person(who or getpass.getuser(), why)
    except (KeyError, OSError) as error:
        raise CommandError("nobody is logged in here: --who says who you are") from error


@asynccontextmanager
async def open_models(state: Path) -> AsyncIterator[Models]:
    """The models of the platform. Raises CommandError when an address is not known."""
    where = find(Settings(), state=state)
    if where.mlflow is None:
        raise CommandError("MLflow's address is not known: RELEVO_MLFLOW names it", code=3)
    async with open_history(where) as history, open_registry(where.mlflow) as registry:
        yield Models(registry, history)


@asynccontextmanager
async def open_held_batches(
    state: Path, dataset: str | None
) -> AsyncIterator[tuple[HeldBatches, str]]:
    """The batches that nothing learns from, and whose. Raises as `open_batches` does."""
    where = find(Settings(), state=state)
    name = dataset_of(where, dataset)
    async with open_history(where) as history:
        yield HeldBatches(history), name


@asynccontextmanager
async def open_letters(state: Path, kafka: str | None) -> AsyncIterator[DeadLetters]:
    """The dead letters of the platform. Raises CommandError as `open_models` does."""
    where = find(Settings(), state=state, kafka=kafka)
    address = where.kafka
    if address is None:
        raise not_running(state)

    async with open_history(where) as history:
        yield DeadLetters(KafkaLetterBox(address, read_dead_letters), history)


@asynccontextmanager
async def open_batches(
    state: Path, kafka: str | None, dataset: str | None
) -> AsyncIterator[tuple[Batches, str]]:
    """The batches of the platform, and whose: the dataset that is named, or the only one.

    Raises CommandError as `open_models` does, and when a name is needed.
    """
    where = find(Settings(), state=state, kafka=kafka)
    if where.kafka is None:
        raise not_running(state)
    name = dataset_of(where, dataset)
    async with open_history(where) as catalog:
        box = KafkaLetterBox(where.kafka, read_dead_letters)
        yield Batches(catalog, box), name


def dataset_of(where: Whereabouts, dataset: str | None) -> str:
    """The dataset that is named, or the only one. Raises CommandError for a name."""
    if dataset is None and len(where.datasets) != 1:
        known = ", ".join(where.datasets)
        raise CommandError(f"of which dataset? --dataset names one of {known}", code=2)
    return dataset or where.datasets[0]


@asynccontextmanager
async def open_history(where: Whereabouts) -> AsyncIterator[PostgresCatalog]:
    """The catalog, which keeps who did what and why."""
    if where.catalog_url is None:
        raise CommandError(
            "the catalog's address is not known, which keeps who did what and why:"
            " RELEVO_CATALOG_URL names it",
            code=3,
        )
    async with results_of(where.catalog_url) as catalog:
        yield catalog

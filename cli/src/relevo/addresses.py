"""Where the platform is: by option, else by environment, else by the state folder."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr

from relevo.errors import CommandError
from relevo.settings import Settings
from relevo_local.places.addresses import (
    DEFAULT_DATASETS,
    Addresses,
    NotRunning,
    read_addresses,
)
from relevo_storage import CatalogSettings, PostgresCatalog, open_catalog
from relevo_story.sources.whereabouts import Whereabouts

MENDERS = {"ingestor", "cleaner", "trainer", "registry-watcher"}
"""Who compares what must hold with where it is kept, beside the pods."""


def find(settings: Settings, *, state: Path, kafka: str | None = None) -> Whereabouts:
    """All addresses that are known.

    Raises CommandError when there is neither an address nor a running platform.
    """
    try:
        found = of_local(read_addresses(state))
    except NotRunning as error:
        if not (kafka or settings.kafka):
            raise not_running(state) from error
        found = Whereabouts(datasets=DEFAULT_DATASETS)
    url = settings.catalog_url.get_secret_value() if settings.catalog_url else None
    key = settings.api_key.get_secret_value() if settings.api_key else None
    named = {
        "key": key,
        "kafka": kafka or settings.kafka,
        "catalog_url": url,
        "data_api": settings.data_api,
        "lag_watcher": settings.lag_watcher,
        "trainer": settings.trainer,
        "mlflow": settings.mlflow,
        "inference": names_in(settings.inference),
        "datasets": names_in(settings.dataset),
    }
    return replace(found, **{name: value for name, value in named.items() if value})  # type: ignore[arg-type]


def unseen(where: Whereabouts) -> dict[str, str]:
    """What cannot be told as nobody has named the address: part -> what would."""
    parts = {
        "verdicts": (where.catalog_url, "CATALOG_URL"),
        "source": (where.data_api, "DATA_API"),
        "lag": (where.lag_watcher, "LAG_WATCHER"),
        "progress": (where.trainer, "TRAINER"),
        "holds": (where.mlflow, "MLFLOW"),
        "pods": (where.inference, "INFERENCE"),
    }
    return {
        part: f"no address is known: RELEVO_{variable} names it"
        for part, (address, variable) in parts.items()
        if not address
    }


def names_in(text: str | None) -> tuple[str, ...]:
    """ "a,b" as ("a", "b"), each once."""
    names = (name.strip() for name in (text or "").split(","))
    return tuple(dict.fromkeys(filter(None, names)))


def of_local(addresses: Addresses) -> Whereabouts:
    """Those of a platform that runs on this machine."""
    return Whereabouts(
        kafka=addresses.kafka,
        catalog_url=addresses.catalog_url,
        data_api=addresses.data_api,
        lag_watcher=addresses.services.get("lag-watcher"),
        trainer=addresses.services.get("trainer"),
        mlflow=addresses.mlflow,
        console=addresses.services.get("console"),
        inference=tuple(addresses.inference),
        menders=tuple(url for name, url in addresses.services.items() if name in MENDERS),
        datasets=addresses.datasets,
    )


def find_kafka(settings: Settings, *, state: Path, kafka: str | None) -> str:
    """Kafka's address. Raises CommandError as `find` does."""
    address = find(settings, state=state, kafka=kafka).kafka
    if address is None:
        raise not_running(state)
    return address


def not_running(state: Path) -> CommandError:
    """What to say when nothing runs from a state folder."""
    return CommandError(
        f"relevo does not run from {state}: start it by `relevo up`, or name another"
        " state folder by --state, or another platform's Kafka by --kafka HOST:PORT",
        code=3,
    )


def results_of(url: str) -> AbstractAsyncContextManager[PostgresCatalog]:
    """The catalog at that address, for those who tell the story."""
    return open_catalog(CatalogSettings(catalog_url=SecretStr(url)))

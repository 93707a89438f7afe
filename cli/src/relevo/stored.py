"""Where the rows are: store and catalog, by environment, else by the state folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relevo.addresses import names_in
from relevo.errors import CommandError
from relevo.settings import Settings
from relevo_local.places.addresses import (
    DEFAULT_DATASETS,
    NotRunning,
    S3Address,
    read_addresses,
)

if TYPE_CHECKING:
    from relevo_sql import Warehouse


@dataclass(frozen=True)
class Stored:
    """Keys and passwords included; datasets: those of the platform, the usual one first."""

    catalog_url: str
    s3: S3Address
    datasets: tuple[str, ...]

    def open(self) -> "Warehouse":
        """The rows in SQL; close it after use."""
        from relevo_sql import Store, open_warehouse

        store = Store(
            self.s3.endpoint_url, self.s3.access_key, self.s3.secret_key, self.s3.bucket
        )
        return open_warehouse(self.catalog_url, store, datasets=self.datasets)


def find_stored(settings: Settings, *, state: Path) -> Stored:
    """What RELEVO_CATALOG_URL and RELEVO_S3_* name, else the state folder's.

    Raises CommandError when it is neither.
    """
    url, s3 = settings.catalog_url, named_store(settings)
    datasets: tuple[str, ...] = DEFAULT_DATASETS
    catalog_url = url.get_secret_value() if url else None
    if catalog_url is None or s3 is None:
        try:
            local = read_addresses(state)
        except NotRunning as error:
            raise CommandError(
                f"relevo does not run from {state}: start it by `relevo up`, or name"
                " another state folder by --state, or a platform by RELEVO_CATALOG_URL,"
                " RELEVO_S3_ENDPOINT_URL, RELEVO_S3_ACCESS_KEY and RELEVO_S3_SECRET_KEY",
                code=3,
            ) from error
        catalog_url, s3 = catalog_url or local.catalog_url, s3 or local.s3
        datasets = local.datasets
    return Stored(catalog_url, s3, names_in(settings.dataset) or datasets)


def named_store(settings: Settings) -> S3Address | None:
    """The store of the environment, when all of it is named."""
    endpoint, key = settings.s3_endpoint_url, settings.s3_access_key
    if not (endpoint and key and settings.s3_secret_key):
        return None
    return S3Address(
        endpoint_url=endpoint,
        access_key=key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        bucket=settings.s3_bucket,
    )

"""Where everything of a running platform can be reached."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr

from relevo_local.places.secret_file import write_private
from relevo_local.places.state import supervisor_pid
from relevo_storage import CatalogSettings, ObjectStoreSettings

DEFAULT_DATASETS = ("diabetes130",)
POD = "pod-"
"""Before a number: a process that answers, as its events and metrics call it."""


class NotRunning(Exception):
    """No platform runs on this state folder."""

    def __init__(self, state: Path) -> None:
        super().__init__(f"no platform runs on {state}: start it with `relevo up`")


class S3Address(BaseModel):
    """An S3 server, the keys that open it, and our bucket in it."""

    model_config = ConfigDict(frozen=True)

    endpoint_url: str
    access_key: str
    secret_key: str
    bucket: str

    @property
    def settings(self) -> ObjectStoreSettings:
        """The same as services read it from their environment."""
        return ObjectStoreSettings(
            s3_endpoint_url=self.endpoint_url,
            s3_access_key=self.access_key,
            s3_secret_key=SecretStr(self.secret_key),
            s3_bucket=self.bucket,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a service is told."""
        return {
            "S3_ENDPOINT_URL": self.endpoint_url,
            "S3_ACCESS_KEY": self.access_key,
            "S3_SECRET_KEY": self.secret_key,
            "S3_BUCKET": self.bucket,
        }


class Addresses(BaseModel):
    """All of them, keys and passwords included."""

    model_config = ConfigDict(frozen=True)

    kafka: str
    """Bootstrap servers."""
    catalog_url: str
    s3: S3Address
    mlflow: str
    data_api: str
    inference: list[str]
    services: dict[str, str]
    """Process name → base URL of its /health, /ready and /metrics."""
    datasets: tuple[str, ...] = DEFAULT_DATASETS
    """What the platform learns from, the default first."""

    @property
    def catalog(self) -> CatalogSettings:
        """The same as services read it from their environment."""
        return CatalogSettings(catalog_url=SecretStr(self.catalog_url))


def addresses_file(state: Path) -> Path:
    """Where a running platform writes them."""
    return state / "addresses.json"


def write_addresses(state: Path, addresses: Addresses) -> None:
    """For the owner's eyes only: it holds the keys."""
    write_private(addresses_file(state), addresses.model_dump_json(indent=1))


def read_addresses(state: Path) -> Addresses:
    """The addresses of the platform that runs on this folder. Raises NotRunning."""
    if supervisor_pid(state) is None or not addresses_file(state).exists():
        raise NotRunning(state)
    return Addresses.model_validate_json(addresses_file(state).read_text())

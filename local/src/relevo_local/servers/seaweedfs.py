"""SeaweedFS: an S3 server on the loopback address whose every door has a lock."""

import shutil
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3
from minio import Minio
from minio.error import S3Error, ServerError
from urllib3.exceptions import HTTPError

from relevo_local.places.addresses import S3Address
from relevo_local.places.ports import LOOPBACK, free_ports
from relevo_local.places.secret_file import random_secret, remembered
from relevo_local.servers.certificate import own_certificate
from relevo_local.settings import inherited_environment
from relevo_local.supervising.programs import Command
from relevo_local.supervising.starting import running

BUCKETS = ("batches", "mlflow")
PORTS = 10
"""s3, master, volume, filer and admin, each with HTTP and gRPC."""
# The filer and the volume server answer anybody unless these keys are set,
LOCKS = {
    "WEED_JWT_SIGNING_KEY": random_secret,
    "WEED_JWT_SIGNING_READ_KEY": random_secret,
    "WEED_JWT_FILER_SIGNING_KEY": random_secret,
    "WEED_JWT_FILER_SIGNING_READ_KEY": random_secret,
}
# and the gRPC door of each part does unless it asks for a certificate.
GRPC_PARTS = ("MASTER", "VOLUME", "FILER", "S3", "ADMIN", "WORKER", "CLIENT")
KEYS = {"AWS_ACCESS_KEY_ID": random_secret, "AWS_SECRET_ACCESS_KEY": random_secret}


@dataclass(frozen=True)
class SeaweedFS:
    """The server whose data lives in `folder`; `ports` are ten free ones."""

    folder: Path
    ports: tuple[int, ...]
    name: str = "seaweedfs"

    @property
    def address(self) -> S3Address:
        """How its clients reach it; the keys are this folder's own."""
        secrets = self._secrets()
        return S3Address(
            endpoint_url=f"http://{LOOPBACK}:{self.ports[0]}",
            access_key=secrets["AWS_ACCESS_KEY_ID"],
            secret_key=secrets["AWS_SECRET_ACCESS_KEY"],
            bucket=BUCKETS[0],
        )

    def prepare(self) -> list[Command]:
        """Make its data folder (it will not) and its secrets."""
        data = self.folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        return [
            Command(
                [weed(), LOGGING, "mini", f"-dir={data}", *self._port_options(), *OPTIONS],
                inherited_environment()
                | {"GOMEMLIMIT": "384MiB"}
                | self._secrets()
                | self._locks(),
                folder=self.folder,
            )
        ]

    def is_ready(self) -> bool:
        """Whether our keys list our buckets."""
        try:
            return buckets_of(self.address) >= set(BUCKETS)
        except (HTTPError, S3Error, ServerError):
            return False

    def is_alive(self) -> bool:
        """The same: the door alone would answer when what is behind it does not."""
        return self.is_ready()

    def settle(self) -> None:
        """Nothing: it makes its buckets itself."""

    def _secrets(self) -> dict[str, str]:
        return remembered(self.folder / "secrets.json", **KEYS, **LOCKS)

    def _locks(self) -> dict[str, str]:
        certificate, key = own_certificate(self.folder / "tls")
        locks = {"WEED_GRPC_CA": str(certificate)}
        for part in GRPC_PARTS:
            locks[f"WEED_GRPC_{part}_CERT"] = str(certificate)
            locks[f"WEED_GRPC_{part}_KEY"] = str(key)
        return locks

    def _port_options(self) -> Iterator[str]:
        doors = ("s3", "master", "volume", "filer", "admin")
        for door, http, grpc in zip(doors, self.ports[::2], self.ports[1::2], strict=True):
            yield f"-{door}.port={http}"
            yield f"-{door}.port.grpc={grpc}"


LOGGING = "-logtostderr"  # else it leaves files in the system's temporary folder
OPTIONS = (
    f"-ip={LOOPBACK}",
    f"-ip.bind={LOOPBACK}",  # the default is every interface
    # In its own folder; the default is the system's folder for temporary files.
    "-s3.localSocket=s3.sock",
    "-filer.localSocket=filer.sock",
    "-webdav=false",
    "-admin.ui=false",
    "-master.telemetry=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-volume.max=500",
    f"-bucket={','.join(BUCKETS)}",
)


def weed() -> Path:
    """The program that the wheel puts beside this Python."""
    beside = Path(sysconfig.get_path("scripts")) / "weed"
    found = beside if beside.exists() else shutil.which("weed")
    if found is None:
        raise FileNotFoundError("the program `weed` is missing: run `make setup` again")
    return Path(found)


def buckets_of(address: S3Address, *, seconds: float = 5.0) -> set[str]:
    """The names of the buckets that these keys may see.

    Raises urllib3's HTTPError when nobody answers, S3Error when the keys are refused.
    """
    pool = urllib3.PoolManager(timeout=seconds, retries=False)
    try:
        return {bucket.name for bucket in client_of(address, pool).list_buckets()}
    finally:
        pool.clear()


def client_of(address: S3Address, pool: urllib3.PoolManager | None = None) -> Minio:
    """A client with the server's keys; nothing is asked yet."""
    return Minio(
        address.endpoint_url.removeprefix("http://"),
        access_key=address.access_key,
        secret_key=address.secret_key,
        secure=False,
        region="us-east-1",
        http_client=pool,
    )


@contextmanager
def running_seaweedfs(folder: Path) -> Iterator[S3Address]:
    """A server on free ports for as long as the block lasts; gives address and keys.

    The buckets `batches` (the address's) and `mlflow` exist. Raises StartFailed.
    """
    server = SeaweedFS(folder.resolve(), tuple(free_ports(PORTS)))
    with running(server, folder / "seaweedfs.log"):
        yield server.address

"""MLflow's tracking server and registry: on our PostgreSQL, its artifacts on our S3."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.fernet import Fernet

from relevo_local.places.addresses import S3Address
from relevo_local.places.ports import LOOPBACK, free_port
from relevo_local.places.secret_file import random_secret, remembered
from relevo_local.servers.mlflow_worker import ALIVE
from relevo_local.settings import inherited_environment
from relevo_local.supervising.asking import client
from relevo_local.supervising.programs import Command
from relevo_local.supervising.starting import running

BUCKET = "mlflow"
API = "api/2.0/mlflow"
NO_TABLES = "UndefinedTable"


@dataclass(frozen=True)
class Mlflow:
    """The server; it keeps all in PostgreSQL and S3, only its secrets in `folder`."""

    folder: Path
    port: int
    postgres_url: str
    """A URL of the server; the database in it is replaced by `mlflow`."""
    s3: S3Address
    name: str = "mlflow"

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def prepare(self) -> list[Command]:
        """`mlflow server` imports itself twice and takes 12 s; this is its worker alone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        application = "relevo_local.servers.mlflow_worker:build"
        arguments = ["-m", "uvicorn", "--factory", application]
        listening = ["--host", LOOPBACK, "--port", str(self.port)]
        quiet = ["--log-level", "warning", "--no-access-log"]
        return [
            Command(
                [sys.executable, *arguments, *listening, *quiet],
                inherited_environment() | self._environment(),
                folder=self.folder,
                stop_seconds=1.5,  # it keeps nothing of its own
            )
        ]

    def is_ready(self) -> bool:
        """Whether it answers from its database."""
        try:
            return self._search(seconds=5).status_code == 200
        except httpx.HTTPError:
            return False

    def is_alive(self) -> bool:
        """Whether its loop turns, be its database there or not.

        One that was made anew has no tables: MLflow makes them when it starts.
        """
        try:
            with client(seconds=2) as door:
                if door.get(f"{self.url}{ALIVE}").status_code != 200:
                    return False
        except httpx.HTTPError:
            return False
        with suppress(httpx.HTTPError):
            return NO_TABLES not in self._search(seconds=2).text
        return True

    def _search(self, *, seconds: float) -> httpx.Response:
        """Its answer out of its database."""
        search = f"{self.url}/{API}/experiments/search"
        with client(seconds=seconds) as door:
            return door.post(search, json={"max_results": 1})

    def settle(self) -> None:
        """Have it load boto3 now: else its first upload waits for that, up to 9 s."""
        place = f"{self.url}/api/2.0/mlflow-artifacts/artifacts/.warm"
        # Only a favour: without S3 it is refused, and all the rest works.
        with suppress(httpx.HTTPError), client(seconds=60) as door:
            door.put(place, content=b"warm")

    def _environment(self) -> dict[str, str]:
        database = self.postgres_url.rsplit("/", 1)[0] + "/mlflow"
        store = database.replace("postgresql://", "postgresql+psycopg2://")
        return {
            # What `mlflow server` hands to its workers (mlflow/server/__init__.py,
            # _run_server, 3.17.2): private names, so the version is pinned.
            "_MLFLOW_SERVER_FILE_STORE": store,
            "_MLFLOW_SERVER_REGISTRY_STORE": store,
            "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
            "_MLFLOW_SERVER_ARTIFACT_DESTINATION": f"s3://{BUCKET}/artifacts",
            "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
            "_MLFLOW_SGI_NAME": "uvicorn",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true",
            "MLFLOW_S3_ENDPOINT_URL": self.s3.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.s3.access_key,
            "AWS_SECRET_ACCESS_KEY": self.s3.secret_key,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            **WEBHOOKS,
            **self._secrets(),
        }

    def _secrets(self) -> dict[str, str]:
        return remembered(
            self.folder / "secrets.json",
            MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY=lambda: Fernet.generate_key().decode(),
            MLFLOW_FLASK_SERVER_SECRET_KEY=random_secret,
        )


WEBHOOKS = {
    # Our receiver is on the loopback address and speaks plain HTTP.
    "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http,https",
    "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
    # By default a new webhook hears nothing for up to a minute.
    "MLFLOW_WEBHOOK_CACHE_TTL": "1",
    "MLFLOW_WEBHOOK_REQUEST_TIMEOUT": "5",
}


@contextmanager
def running_mlflow(folder: Path, postgres_url: str, s3: S3Address) -> Iterator[str]:
    """A server on a free port for as long as the block lasts; gives its URL.

    Clients need that URL and no keys. Raises StartFailed.
    """
    server = Mlflow(folder.resolve(), free_port(), postgres_url, s3)
    with running(server, folder / "mlflow.log", seconds=180):
        yield server.url

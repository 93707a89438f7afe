"""The cluster of compose.yaml in a project of its own, and what tests do to it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from relevo_contracts.keys import Scope
from relevo_local.places.ports import free_port
from relevo_local.platform import Addresses, S3Address
from relevo_operations.keys import add_key
from tests.pipeline.reaching import ReachedPlatform, until

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "compose.yaml", Path(__file__).with_name("doors.yaml")]
PROJECT = "relevo-test"
ANY_PORT = "0"
PASSWORD = "a-password-of-these-tests"
KNOWN = ROOT / "compose" / "secrets"


def own_secrets(folder: Path) -> Path:
    """A folder of secrets that nobody else has."""
    for file in KNOWN.iterdir():
        (folder / file.name).write_text(file.read_text().replace("local-only", PASSWORD))
    keys = folder / "keys"
    keys.mkdir()
    key = add_key(keys / "keys.json", "tests", list(Scope))
    (keys / "keys.json").chmod(0o644)  # containers have users of their own
    (folder / "relevo_api_key").write_text(key)
    return folder


class Cluster(ReachedPlatform):
    """`docker compose` on the same file as a person's, on ports that are free."""

    def __init__(self, *, interval: float, pods: int, secrets: Path) -> None:
        super().__init__()
        self.key = (secrets / "relevo_api_key").read_text()
        self.client.headers["x-api-key"] = self.key
        self.pods = pods
        kafka_port = free_port()
        ports = ("CONSOLE", "MLFLOW", "PROMETHEUS", "MINIO_CONSOLE", "ALERTMANAGER")
        self._environment = os.environ | {
            **{f"{name}_PORT": ANY_PORT for name in ports},
            "KAFKA_PORT": str(kafka_port),
            "INFERENCE_PORT": str(free_port()),  # a container that is started anew keeps it
            "COMPOSE_PROJECT_NAME": PROJECT,
            "COMPOSE_FILE": os.pathsep.join(map(str, FILES)),
            "DATA_API_INTERVAL_SECONDS": f"{interval:g}",
            "RELEVO_ENVIRONMENT": "production",
            "RELEVO_SECRETS": str(secrets),
            "RELEVO_KEYS": str(secrets / "keys"),
            "API_KEYS_FILE": "/keys/keys.json",
        }
        self._kafka = f"127.0.0.1:{kafka_port}"

    def compose(self, *arguments: str, seconds: float = 120) -> str:
        """What a compose command prints; fails with what it complains."""
        done = self.try_compose(*arguments, seconds=seconds)
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def try_compose(
        self, *arguments: str, seconds: float = 120
    ) -> "subprocess.CompletedProcess[str]":
        """A compose command, however it ends."""
        return self.run("docker", "compose", *arguments, seconds=seconds)

    def run(
        self, *command: str, seconds: float = 120
    ) -> "subprocess.CompletedProcess[str]":
        """A command that means this cluster, however it ends."""
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=seconds,
        )

    def update(self, *, pods: int | None = None) -> str:
        """What `make cluster-up` prints, which has to work."""
        wanted = ("--pods", str(pods)) if pods else ()
        done = self.run(sys.executable, "-m", "compose", *wanted, seconds=900)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        self.look_again()
        return done.stdout

    def build(self) -> None:
        """The images, from what is checked out."""
        self.compose("build", seconds=1800)

    def up(self, *names: str) -> float:
        """Start these, or everything, and wait until it is healthy; the seconds it took."""
        services = names or self.services()
        began = time.monotonic()
        pods = ["--scale", f"inference={self.pods}"]
        self.compose(
            "up", "--detach", "--wait", "--no-build", *pods, *services, seconds=600
        )
        seconds = time.monotonic() - began
        self.look_again()
        return seconds

    def configure(self, **variables: str) -> None:
        """Let the next `up` or `update` have these."""
        self._environment |= variables

    def learn_from(self, *datasets: str) -> None:
        """Let `up` start a cluster of these datasets; the first one is the default."""
        self._environment["RELEVO_DATASET"] = ",".join(datasets)

    def services(self) -> list[str]:
        """What a bare `docker compose up` starts."""
        return sorted(self.compose("config", "--services").split())

    def down(self) -> None:
        """Everything ends and is removed, volumes too."""
        self.compose("--profile", "*", "down", "--volumes", "--timeout", "5")

    def running(self) -> list[str]:
        """The services that have a container which is meant to run."""
        return sorted({c["Service"] for c in self.containers() if c["State"] == "running"})

    def told(self) -> str:
        return self.compose("logs", "--tail", "5", "--no-color")[-6000:]

    def containers(self, *names: str) -> list[dict[str, Any]]:
        """The containers that are there, as `docker compose ps` describes them."""
        listed = self.compose("ps", "--all", "--format", "json", *names)
        return [json.loads(line) for line in listed.splitlines()]

    def health(self, *names: str) -> dict[str, str]:
        """How each container is: "healthy", "starting", "unhealthy"; "" for a job."""
        return {each["Name"]: each["Health"] for each in self.containers(*names)}

    def until_healthy(self, *names: str, seconds: float = 90) -> None:
        """Return when each container of these services is."""
        until(
            lambda: set(self.health(*names).values()) == {"healthy"},
            seconds=seconds,
            what=lambda: f"not healthy: {self.health(*names)}\n{self.told()}",
        )

    def kill(self, *names: str) -> None:
        """SIGKILL to every container of these services; started again at once."""
        self.compose("kill", "--signal", "KILL", *names)
        self.compose("start", *names)
        self.look_again()

    def look_again(self) -> None:
        """A container that was started again has other free ports."""
        self.addresses = self._look_up_addresses()

    @property
    def door(self) -> str:
        """Where the pods are asked together."""
        return f"http://127.0.0.1:{self._environment['INFERENCE_PORT']}"

    def urls(self, name: str, port: int = 8080) -> list[str]:
        """Where a port of a service is reached, one address per container."""
        return [
            f"http://127.0.0.1:{publisher['PublishedPort']}"
            for container in sorted(self.containers(name), key=lambda each: each["Name"])
            for publisher in container["Publishers"] or []  # none while it starts
            if publisher["TargetPort"] == port
        ]

    def _look_up_addresses(self) -> Addresses:
        (mlflow,) = self.urls("mlflow", 5000)
        (s3,) = self.urls("minio", 9000)
        (postgres,) = self.urls("postgres", 5432)
        database = postgres.removeprefix("http://")
        services = {
            name: self.urls(name)[0]
            for name in self.services()
            if (ROOT / "services" / name).is_dir()
        }
        return Addresses(
            kafka=self._kafka,
            catalog_url=f"postgresql://relevo:{PASSWORD}@{database}/catalog",
            s3=S3Address(
                endpoint_url=s3, access_key="relevo", secret_key=PASSWORD, bucket="batches"
            ),
            mlflow=mlflow,
            data_api=services["data-api"],
            inference=self.urls("inference"),
            services=services,
        )

"""Our services as programs: their module, their environment, their door."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from relevo_local.places.ports import LOOPBACK
from relevo_local.settings import inherited_environment
from relevo_local.supervising.asking import client
from relevo_local.supervising.programs import Command


@dataclass(frozen=True)
class Service:
    """One process of a service; it answers /health before what it needs is there."""

    name: str
    module: str
    port: int
    folder: Path
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def prepare(self) -> list[Command]:
        """Nothing to prepare: the same command as in a container."""
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {
            "HTTP_HOST": LOOPBACK,
            "HTTP_PORT": str(self.port),
            "LOG_FORMAT": "json",
            "PYTHONUNBUFFERED": "1",
            **threads(self.module),
            **self.environment,
        }
        return [
            Command(
                [sys.executable, "-m", self.module],
                inherited_environment(self.module) | environment,
                folder=self.folder,
            )
        ]

    def is_ready(self) -> bool:
        """Whether it lives. Whether it has all it needs is what its /ready says."""
        return self.is_alive()

    def is_alive(self) -> bool:
        """Whether its loop turns."""
        try:
            with client(seconds=2) as door:
                return door.get(f"{self.url}/health").status_code == 200
        except httpx.HTTPError:
            return False

    def settle(self) -> None:
        """Nothing."""


def threads(module: str) -> dict[str, str]:
    """How many threads its numeric libraries may take.

    The trainer may use every core, but its threads must sleep, not spin, where they
    wait for each other: spinning on shared cores made fits 6 to 70 times slower. The
    others answer single requests or pass small tables, where threads cost more than
    they bring.
    """
    count = os.cpu_count() or 1 if module == "trainer" else 1
    return {
        "OMP_NUM_THREADS": str(count),
        "OPENBLAS_NUM_THREADS": str(count),
        "OMP_WAIT_POLICY": "PASSIVE",
    }

"""What Docker is asked and told; nobody else starts it."""

import json
import subprocess
from typing import Any


class DockerError(Exception):
    """What a command complained."""


def ask(*arguments: str) -> str:
    """What a docker command prints. Raises DockerError when it fails."""
    done = subprocess.run(
        ["docker", *arguments],  # noqa: S607
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise DockerError(done.stderr.strip() or f"docker {' '.join(arguments)} failed")
    return done.stdout


def tell(*arguments: str) -> bool:
    """Run a docker command before a person's eyes; whether it worked."""
    return subprocess.run(["docker", *arguments]).returncode == 0  # noqa: S607


def last_words(container: str) -> list[str]:
    """The last lines that a container wrote."""
    done = subprocess.run(
        ["docker", "logs", "--tail", "5", container],  # noqa: S607
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout.splitlines()


def config() -> dict[str, Any]:
    """The whole of what compose reads, with the chosen profiles. Raises DockerError."""
    found: dict[str, Any] = json.loads(ask("compose", "config", "--format", "json"))
    return found


def containers(project: str, *services: str) -> list[dict[str, Any]]:
    """The project's containers as `docker inspect` tells of them, whatever their state.

    services: of these alone, oldest first. Raises DockerError.
    """
    filters = [f"label=com.docker.compose.project={project}"]
    filters.append("label=com.docker.compose.oneoff=False")
    listed = ask("ps", "--all", "--quiet", *(f"--filter={each}" for each in filters))
    ids = listed.split()
    found = json.loads(ask("inspect", *ids)) if ids else []
    chosen = [each for each in found if not services or service_of(each) in services]
    return sorted(chosen, key=lambda each: str(each["Created"]))


def service_of(container: dict[str, Any]) -> str:
    """Whose container it is."""
    return str(container["Config"]["Labels"]["com.docker.compose.service"])

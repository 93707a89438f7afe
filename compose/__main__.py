"""`make cluster-up`: look at the ports, build what changed, start it, roll the pods.

    python3 -m compose --pods 5

Profiles, project and files are compose's own variables: COMPOSE_PROFILES and so on.
"""

import argparse
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from compose import docker, ports
from compose.pods import SERVICE, ComposePods
from compose.rolling import RollError, roll

UP = ("compose", "up", "--detach", "--wait", "--no-build")
DOOR = Path(__file__).parent / "door"
FILE = Path(__file__).parents[1] / "compose.yaml"


def main(arguments: list[str]) -> int:
    """0 when all is healthy, else 1 with the reason on the error stream."""
    parser = argparse.ArgumentParser(prog="make cluster-up")
    parser.add_argument("--pods", type=int, help="how many; else as many as there are")
    pods = parser.parse_args(arguments).pods
    try:
        config = docker.config()
        there = docker.containers(config["name"])
        wanted = ports.doors(config, FILE.read_text())
        taken = ports.complaints(wanted, ports.held(there))
        if not taken:
            return start(config, pods, docker.containers(config["name"], SERVICE))
    except (docker.DockerError, RollError) as error:
        taken = [str(error)]
    sys.stderr.write("\n".join(taken) + "\n")
    return 1


def start(config: dict[str, Any], wanted: int, pods: list[dict[str, Any]]) -> int:
    """Build, start what is not there yet, and roll the pods that are."""
    if not docker.tell("compose", "build"):
        return 1
    names = sorted(set(config["services"]) - {SERVICE}) if pods else []
    scale = ("--scale", f"{SERVICE}={wanted}") if wanted and not pods else ()
    if not docker.tell(*UP, *scale, *names):
        sys.stderr.write("\n".join(unwell(config["name"])) + "\n")
        return 1
    if pods:
        reload_door(config["name"])
        roll(ComposePods(config), wanted or len(pods), print)
    docker.tell("compose", "ps", "--format", "table {{.Name}}\t{{.Status}}\t{{.Ports}}")
    return 0


def unwell(project: str) -> list[str]:
    """Each container that is not as it should be, with the last that it said."""
    told = []
    for container in docker.containers(project):
        state = container["State"]
        health = state.get("Health", {}).get("Status", "healthy")
        if state["Status"] == "running" and health == "healthy":
            continue
        if state["Status"] == "exited" and state["ExitCode"] == 0:
            continue
        last = docker.last_words(container["Id"])
        name, how = docker.service_of(container), f"{state['Status']}, {health}"
        told += [f"{name} ({how}) said at last:", *(f"  {line}" for line in last)]
    return told


def reload_door(project: str) -> None:
    """Let the door read its configuration again where that is newer than the door."""
    newest = max(file.stat().st_mtime for file in DOOR.iterdir())
    for door in docker.containers(project, "door"):
        started = datetime.fromisoformat(door["State"]["StartedAt"][:19] + "+00:00")
        if newest > started.timestamp():
            docker.ask("kill", "--signal", "USR2", door["Id"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

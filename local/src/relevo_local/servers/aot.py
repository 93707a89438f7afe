"""Makes Kafka's AOT cache, once per machine: `python -m relevo_local.servers.aot`.

Java then starts the broker and the tools with their classes loaded and linked: half the
time. Made by a second broker on a folder of its own, at the lowest priority.
"""

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from relevo_local.places.ports import free_ports
from relevo_local.servers.jars import cache_folder
from relevo_local.servers.java import AOT_OUTPUT, aot_cache
from relevo_local.servers.kafka import Kafka
from relevo_local.settings import inherited_environment
from relevo_local.supervising.child import Child
from relevo_local.supervising.programs import Command
from relevo_local.supervising.starting import start

LOWEST_PRIORITY = 19
MAKING_SECONDS = 300.0


def make_aot_cache(target: Path) -> None:
    """Run a broker until it is ready, and let Java write what it had loaded to `target`.

    Raises StartFailed, or OSError when Java wrote nothing.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="aot-") as name:
        folder = Path(name)
        fresh = folder / "cache"
        port, controller_port = free_ports(2)
        option = f"{AOT_OUTPUT}{fresh}"
        broker = Kafka(folder, port, controller_port, java_options=(option,))
        children: list[Child] = []

        def spawn(command: Command) -> Child:
            patient = replace(command, stop_seconds=MAKING_SECONDS)
            children.append(Child(patient, folder / "log"))
            return children[-1]

        try:
            start(broker, spawn, seconds=MAKING_SECONDS)
        finally:
            for child in children:
                child.stop()
        fresh.replace(target)


def main() -> None:
    """Make it unless it is there, or is being made by another process."""
    os.nice(LOWEST_PRIORITY)
    try:
        with FileLock(cache_folder() / ".aot.lock", timeout=0):
            if not aot_cache().exists():
                make_aot_cache(aot_cache())
    except Timeout:
        return


def making() -> list[Command]:
    """The command for it; none when the cache is there."""
    if aot_cache().exists():
        return []
    this = [sys.executable, "-m", "relevo_local.servers.aot"]
    return [Command(this, inherited_environment(), stop_seconds=0.5)]


if __name__ == "__main__":
    main()

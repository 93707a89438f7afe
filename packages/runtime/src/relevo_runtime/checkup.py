"""A container's health check, which ends a service that does not even answer /health.

    python -m relevo_runtime.checkup http://127.0.0.1:8080/ready

Healthy: that page is answered with success. Docker restarts what has ended, and leaves
alone what is merely unhealthy; so who was alive once, and then misses four checks in a
minute, is killed from here. Who waits for others answers /health, and is let wait.
"""

import http.client
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

MEMORY = Path("/tmp/relevo-checkup")  # noqa: S108 - the container's own, gone with it
INIT = 1
"""The container's first process (`init: true`), whose child the service is."""
MISSES, SECONDS = 4, 45.0
"""Both: checks come every second while a container starts, and none while it is paused."""
PATIENCE_SECONDS = 4.0


def main(
    url: str, *, memory: Path = MEMORY, init: int = INIT, seconds: float = SECONDS
) -> bool:
    """True when the page is answered; what has not been alive for too long is killed."""
    door = urlsplit(url)
    if not answers(door.netloc, "/health"):
        if memory.exists() and is_dead(memory, time.monotonic(), seconds):
            sys.stderr.write("does not answer /health any more: killed\n")
            for process in children(init):
                os.kill(process, signal.SIGKILL)
        return False
    memory.write_text("")
    return door.path == "/health" or answers(door.netloc, door.path)


def answers(place: str, page: str) -> bool:
    """Whether the page is answered, in time and with success."""
    connection = http.client.HTTPConnection(place, timeout=PATIENCE_SECONDS)
    with closing(connection), suppress(OSError, http.client.HTTPException):
        connection.request("GET", page)
        return connection.getresponse().status == http.client.OK
    return False


def is_dead(memory: Path, now: float, seconds: float) -> bool:
    """Note one more miss: whether they are enough. Every process has the same monotonic."""
    misses = [*memory.read_text().split(), str(now)]
    memory.write_text(" ".join(misses))
    return len(misses) >= MISSES and now - float(misses[0]) >= seconds


def children(parent: int) -> Iterator[int]:
    """The processes that it has started, or inherited."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # pid (name, which may hold anything) state parent …
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(status.parent.name)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1]) else 1)

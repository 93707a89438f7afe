"""`relevo up` around a platform of one small program, with all its imports done before.

`python up_by_fork.py FD`: per message on that socket one process, which is forked. Imports
are most of a command's start, and each test wants a process of its own.
"""

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

import relevo_datasets  # noqa: F401 (its import is slow; the command asks for it late)
import relevo_local.composition as composition
from relevo.__main__ import main
from relevo_local.options import Options
from relevo_local.places.addresses import Addresses, S3Address
from relevo_local.reports import Reporter
from relevo_local.supervising.parts import Part, Plan
from relevo_local.supervising.programs import Command

AWAY = "http://127.0.0.1:1"
PLACES = Addresses(
    kafka="127.0.0.1:1",
    catalog_url="postgresql://127.0.0.1:1/x",
    s3=S3Address(endpoint_url=AWAY, access_key="a", secret_key="b", bucket="c"),
    mlflow=AWAY,
    data_api=AWAY,
    inference=["http://127.0.0.1:8000"],
    services={},
)


class Small:
    """The only program: it sleeps, or it fails."""

    name = "kafka"

    def __init__(self, program: str) -> None:
        self.program = program

    def prepare(self) -> list[Command]:
        return [Command([sys.executable, "-c", self.program], {}, Path())]

    def is_ready(self) -> bool:
        return "sleep" in self.program

    def is_alive(self) -> bool:
        return True

    def settle(self) -> None:
        """Nothing."""


def run(arguments: list[str], environment: dict[str, str], program: str) -> None:
    """`relevo up`, but for what it starts."""

    def whole_platform(options: Options, report: Reporter) -> Plan:
        places = PLACES.model_copy(update={"datasets": options.datasets})
        return Plan([Part(Small(program))], places)

    composition.whole_platform = whole_platform
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["relevo", "up", *arguments]
    main()


def serve(door: socket.socket) -> None:
    """Fork for each message: its descriptors are the process's input, output and errors.

    The process's id is told at once, and how it ended once it has; one at a time.
    """
    while True:
        message, descriptors, _, _ = socket.recv_fds(door, 1 << 20, 3)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            door.close()
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
            asked: dict[str, Any] = json.loads(message)
            run(**asked)
            sys.exit()
        for descriptor in descriptors:
            os.close(descriptor)
        door.sendall(b"%d\n" % pid)
        _, status = os.waitpid(pid, 0)
        door.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))

"""Whether the cluster's doors are free, before anything is started."""

import re
import socket
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

SERVICE = re.compile(r"^  ([\w-]+):")
PUBLISHED = re.compile(r"^ *- 127\.0\.0\.1:\$\{(\w+):-[^}]*\}:(\d+)")


class Door(NamedTuple):
    """A port of this machine, whose it is to be, and the variable that names another."""

    address: str
    port: int
    service: str
    variable: str


def doors(config: dict[str, Any], text: str) -> Iterator[Door]:
    """What compose would publish on a chosen port; text: compose.yaml as it is written."""
    variables = dict(named(text))
    for service, container in config["services"].items():
        for each in container.get("ports", []):
            first, _, last = str(each.get("published") or "0").partition("-")
            variable = variables.get((service, int(str(each["target"]).split("-")[0])), "")
            for port in range(int(first), int(last or first) + 1):
                if port:
                    yield Door(each.get("host_ip", "127.0.0.1"), port, service, variable)


def named(text: str) -> Iterator[tuple[tuple[str, int], str]]:
    """(service, port within) and the variable that says where it is published."""
    service = ""
    for line in text.splitlines():
        if found := SERVICE.match(line):
            service = found[1]
        elif found := PUBLISHED.match(line):
            yield (service, int(found[2])), found[1]


def held(containers: Iterable[dict[str, Any]]) -> set[int]:
    """The ports that running containers of ours have already."""
    return {
        int(binding["HostPort"])
        for container in containers
        for bindings in (container["NetworkSettings"]["Ports"] or {}).values()
        for binding in bindings or []
    }


def complaints(wanted: Iterable[Door], ours: set[int]) -> list[str]:
    """One line for each door that somebody else has."""
    return [
        f"port {door.port} is taken on this machine, and is to be the door of"
        f" {door.service}: set {door.variable or 'its port'} to another one, in the shell"
        " or in .env"
        for door in wanted
        if door.port not in ours and is_taken(door.address, door.port)
    ]


def is_taken(address: str, port: int) -> bool:
    """Whether somebody listens there, or nobody may."""
    with socket.socket() as caller:
        caller.settimeout(1)
        if caller.connect_ex((address, port)) == 0:
            return True
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError:
            return True
    return False

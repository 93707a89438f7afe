"""Free ports on the loopback address."""

import random
import socket
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"
# Below the range from which the system gives ports to outgoing connections, so
# that no client of ours sits on a server's port when that server comes back.
LOWEST, HIGHEST = 20_000, 30_000


def is_free(port: int) -> bool:
    """Whether a server of ours could listen on this port of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        return _bound(listener, port)


def answers(port: int, *, seconds: float = 0.5) -> bool:
    """Whether something accepts connections on this port of the loopback address."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=seconds).close()
    except OSError:
        return False
    return True


def free_ports(count: int) -> list[int]:
    """`count` different free ports; each stays bound until all are found.

    Raises OSError when the range has no room left.
    """
    found: list[int] = []
    with ExitStack() as held:
        for port in random.sample(range(LOWEST, HIGHEST), HIGHEST - LOWEST):
            listener = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            if _bound(listener, port):
                found.append(port)
            if len(found) == count:
                return found
    raise OSError(f"no {count} free ports between {LOWEST} and {HIGHEST} on {LOOPBACK}")


def free_port() -> int:
    """One free port."""
    return free_ports(1)[0]


def _bound(listener: socket.socket, port: int) -> bool:
    # As servers do: a port whose last connections are in TIME_WAIT is free.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError:
        return False
    return True

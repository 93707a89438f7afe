"""Asks a program on the loopback address, while it starts, whether it answers."""

import httpx


def client(*, seconds: float) -> httpx.Client:
    """A client for one question; an answer that takes longer is none.

    A usual client loads the machine's certificates: 30 ms of a core, many times a second
    for each program that starts. There is no TLS here, and no proxy on the way.
    """
    return httpx.Client(timeout=seconds, verify=False, trust_env=False)  # noqa: S501

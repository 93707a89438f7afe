"""The data API as a process of its own, behind its real WSGI server."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256

import pytest


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[str], str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.defpath,
        "HTTP_PORT": str(port),
        "DATA_API_INTERVAL_SECONDS": "3600",
        "DATA_API_EPOCH": "",
    }
    command = [sys.executable, "-m", "data_api"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as p:
        yield p, f"http://127.0.0.1:{port}"
        p.kill()


def read(address: str, path: str, *, within: float = 20.0) -> bytes:
    host = address.removeprefix("http://")
    deadline = time.monotonic() + within
    while True:
        connection = http.client.HTTPConnection(host, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, f"{address} does not answer"
            time.sleep(0.05)
        finally:
            connection.close()


@pytest.mark.slow
def test_the_shipped_data_is_served_and_sigterm_ends_it(
    server: tuple[subprocess.Popen[str], str],
) -> None:
    process, address = server

    listing = json.loads(read(address, "/batches"))
    (entry,) = listing["batches"]

    assert (entry["number"], entry["rows"], listing["total"]) == (1, 15_000, 7)
    assert sha256(read(address, "/batches/1")).hexdigest() == entry["sha256"]
    assert len(json.loads(read(address, "/get_data"))["data"]) == 15_000
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0


@pytest.mark.slow
def test_a_head_has_bounds(server: tuple[subprocess.Popen[str], str]) -> None:
    _, address = server
    read(address, "/batches")
    host, _, port = address.removeprefix("http://").partition(":")
    many = b"".join(b"x-%d: y\r\n" % number for number in range(101))
    for fields in (b"x: " + b"y" * 70_000 + b"\r\n", many):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(b"GET /batches HTTP/1.1\r\n" + fields + b"\r\n")
            assert connection.recv(12)[9:] == b"431"

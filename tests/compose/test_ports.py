"""The cluster's doors are looked at before anything starts."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compose.ports import Door, complaints, doors, held

TEXT = (Path(__file__).parents[2] / "compose.yaml").read_text()


@pytest.fixture
def listener() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def published(service: str, target: int | str, port: int | str) -> dict[str, Any]:
    """What `docker compose config` tells of one door."""
    door = {"host_ip": "127.0.0.1", "target": target, "published": str(port)}
    return {"services": {service: {"ports": [door]}}}


def test_a_taken_port_is_told_with_its_service_and_the_variable_to_set(
    listener: int,
) -> None:
    [told] = complaints(doors(published("mlflow", 5000, listener), TEXT), set())

    assert f"port {listener} is taken" in told
    assert "the door of mlflow: set MLFLOW_PORT" in told


def test_what_a_running_container_of_ours_holds_is_not_taken(listener: int) -> None:
    bound = {
        "5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(listener)}],
        "1/tcp": None,
    }
    ours = held([{"NetworkSettings": {"Ports": bound}}])

    assert complaints(doors(published("mlflow", 5000, listener), TEXT), ours) == []


def test_a_port_that_docker_chooses_is_no_door_that_could_be_taken() -> None:
    assert list(doors(published("door", 8000, 0), TEXT)) == []


def test_each_port_of_a_range_is_a_door() -> None:
    found = list(doors(published("pods", "8001-8009", "8001-8009"), TEXT))

    assert found[0] == Door("127.0.0.1", 8001, "pods", "PODS_PORTS")
    assert [door.port for door in found] == list(range(8001, 8010))

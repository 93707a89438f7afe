"""The lag-watcher as a process, while its broker comes, dies and comes back."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from relevo_contracts import Topic
from relevo_local.places.ports import free_ports
from relevo_local.servers import Kafka
from relevo_local.services import Service
from relevo_local.supervising.starting import running
from relevo_runtime.kafka.topics import create_topics

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


class Door:
    """The HTTP interface of a running lag-watcher."""

    def __init__(self, url: str) -> None:
        self._url = url

    def ready(self) -> bool:
        return httpx.get(f"{self._url}/ready").status_code == 200

    def reason(self) -> str:
        return str(httpx.get(f"{self._url}/ready").json()["reason"])

    def samples(self, name: str, **labels: str) -> list[float]:
        """The values of a metric's series that have these labels."""
        text = httpx.get(f"{self._url}/metrics").text
        return [
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == f"relevo_lag_watcher_{name}"
            and labels.items() <= sample.labels.items()
        ]


def until(condition: Callable[[], bool], what: str, *, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)


def test_the_service_waits_for_its_broker_and_outlives_it(tmp_path: Path) -> None:
    port, controller_port, http_port = free_ports(3)
    broker = Kafka(tmp_path / "kafka", port, controller_port)
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
        "LAG_WATCHER_INTERVAL_SECONDS": "0.2",
    }
    program = Service("lag", "lag_watcher", http_port, tmp_path / "lag", environment)
    door = Door(program.url)
    cleaner = {"group": "cleaner-diabetes130", "topic": Topic.BATCH_RAW.value}

    with running(program, tmp_path / "lag.log"):
        until(lambda: door.samples("failed_looks_total") >= [1], "a look fails")
        assert not door.ready()
        assert door.reason().startswith("Kafka cannot be watched")
        assert door.samples("up") == [0]

        with running(broker, tmp_path / "kafka.log") as child:
            asyncio.run(create_topics(broker.bootstrap_servers))
            expected = [0.0] * Topic.BATCH_RAW.partitions
            until(
                lambda: door.samples("lag_records", **cleaner) == expected,
                "the cleaner's lag, though it was never there",
            )
            assert door.ready()
            assert door.samples("up") == [1]

            os.kill(child.pid, signal.SIGKILL)
            until(lambda: not door.ready(), "the broker's death is seen")
            assert door.samples("up") == [0]
            assert door.samples("lag_records", **cleaner) == expected

        with running(broker, tmp_path / "kafka.log"):
            until(door.ready, "the broker's return is seen")
            assert door.samples("up") == [1]
        stopping = time.monotonic()

    assert time.monotonic() - stopping < 6

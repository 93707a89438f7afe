"""A Prometheus that looks at a running platform, with the exporters of a cluster."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from relevo_local.places.ports import free_ports
from tests.observability.expressions import FOLDER, prometheus_config
from tests.observability.programs import program

STEP_SECONDS = 5.0
WINDOW_SECONDS = 3600.0


class Prometheus:
    """The server's questions that tests ask."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._began = time.time()

    def series(self, expr: str) -> list[dict[str, Any]]:
        """What the expression has shown since the start; raises for a wrong expression."""
        now = time.time()
        asked: dict[str, str | float] = {
            "query": expr,
            "start": max(self._began, now - WINDOW_SECONDS),
            "end": now,
            "step": STEP_SECONDS,
        }
        answer = self._client.get("/query_range", params=asked)
        assert answer.status_code == 200, f"{expr}: {answer.text}"
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found

    def has_shown(self, expr: str) -> bool:
        """True when there was a number at any time."""
        values = (value for each in self.series(expr) for _, value in each["values"])
        return any(value != "NaN" for value in values)

    def unwell_rules(self) -> dict[str, str]:
        """The rules that do not evaluate, and why."""
        groups = self._client.get("/rules").json()["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert rules, "no rule was loaded"
        return {
            rule["name"]: rule.get("lastError", "")
            for rule in rules
            if rule["health"] != "ok"
        }

    def answers(self) -> bool:
        """True when it has loaded its configuration."""
        try:
            return self._client.get("/status/config").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def running_prometheus(
    folder: Path, targets: Path, database_url: str
) -> Iterator[Prometheus]:
    """A Prometheus with `local.yml`, the machine's and the database's exporter.

    targets: the platform's file of them.
    """
    folder.mkdir()
    port, node, postgres = free_ports(3)
    config = prometheus_config("local.yml")
    config["rule_files"] = [str(FOLDER / "prometheus/rules/*.yml")]
    config["scrape_configs"][0]["file_sd_configs"][0]["files"] = [str(targets)]
    config["scrape_configs"] += [
        {"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{exporter}"]}]}
        for name, exporter in (("node", node), ("postgres", postgres))
    ]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    commands = [
        [
            program("prometheus"),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        [
            program("prometheus-node-exporter"),
            f"--web.listen-address=127.0.0.1:{node}",
        ],
        [
            program("prometheus-postgres-exporter"),
            f"--web.listen-address=127.0.0.1:{postgres}",
        ],
    ]
    with ExitStack() as stack:
        log = stack.enter_context((folder / "log").open("wb"))
        for command in commands:
            stack.enter_context(running(command, log, database_url))
        url = f"http://127.0.0.1:{port}/api/v1"
        client = stack.enter_context(httpx.Client(base_url=url, timeout=30))
        prometheus = Prometheus(client)
        deadline = time.monotonic() + 30
        while not prometheus.answers():
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        yield prometheus


@contextmanager
def running(command: list[str], log: Any, database_url: str) -> Iterator[None]:
    """The program for as long as the block lasts."""
    environment = os.environ | {"DATA_SOURCE_NAME": f"{database_url}?sslmode=disable"}
    process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)

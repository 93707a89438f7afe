"""A pod against a bare constant, the usual server and MLflow's, on one core; and batches.

Servers share one core, wrk has another. Rounds are interleaved, figures are medians. The
processor time of a request tells more than requests per second do where others share the
machine, so there is a ratio of each. `--json FILE` writes all figures.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import psutil

from benchmarks.serving.batches import measure_batches
from benchmarks.serving.model import BUNDLE, FOLDER, REQUESTS, make_model
from benchmarks.serving.wrk import Burst, Wrk
from benchmarks.tables import print_table
from relevo_local.places.ports import free_port

SERVER_CORE, CLIENT_CORE = 0, 1
POD, CONSTANT, USUAL, MLFLOW = "a pod", "bare uvicorn", "usual server", "MLflow's server"


@dataclass(frozen=True)
class Server:
    """A running server, and what calls it."""

    process: psutil.Process
    url: str
    wrk: Wrk

    def burst(self, *, connections: int, seconds: int) -> tuple[Burst, float]:
        """What wrk saw, and the microseconds of processor time per request."""
        before = sum(self.process.cpu_times()[:2])
        burst = self.wrk.burst(self.url, connections=connections, seconds=seconds)
        self._until_idle()
        used = sum(self.process.cpu_times()[:2]) - before
        return burst, used / max(burst.requests, 1) * 1e6

    def _until_idle(self) -> None:
        """A slow server still works at what wrk has left, on the core of the next one."""
        while self.process.cpu_percent(interval=0.2) > 10:
            pass


@contextmanager
def running(folder: Path) -> Iterator[dict[str, Server]]:
    """All servers, on one core, each with a client that sends rows in its own form."""
    rows = json.loads((folder / REQUESTS).read_text())
    flat = Wrk(folder, "flat", rows, core=CLIENT_CORE)
    framed = Wrk(
        folder, "framed", [{"dataframe_records": [r]} for r in rows], core=CLIENT_CORE
    )
    python = ("taskset", "-c", str(SERVER_CORE), sys.executable, "-m")
    commands = {
        POD: (*python, "benchmarks.serving.pod", str(folder / BUNDLE)),
        CONSTANT: (*python, "benchmarks.constant"),
        USUAL: (*python, "benchmarks.serving.usual", str(folder)),
        MLFLOW: (
            *(*python, "uvicorn", "mlflow.pyfunc.scoring_server.app:app"),
            *("--no-access-log", "--log-level", "error", "--port"),
        ),
    }
    # what `mlflow models serve` tells the server that it starts
    environment = os.environ | {"__pyfunc_model_path__": str(folder / FOLDER)}
    started, servers = [], {}
    try:
        for name, command in commands.items():
            port = free_port()
            process = subprocess.Popen([*command, str(port)], env=environment)
            started.append(process)
            path, wrk = ("invocations", framed) if name == MLFLOW else ("predict", flat)
            url = f"http://127.0.0.1:{port}/{path}"
            servers[name] = Server(psutil.Process(process.pid), url, wrk)
        for server in servers.values():
            until_it_answers(server)
        yield servers
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def until_it_answers(server: Server) -> None:
    """Wait until a server answers at all."""
    deadline = time.monotonic() + 120
    while True:
        try:
            httpx.get(server.url)
            return
        except httpx.TransportError:
            if time.monotonic() > deadline or not server.process.is_running():
                raise
            time.sleep(0.2)


def measure_rows(
    servers: Mapping[str, Server], *, connections: int, rounds: int, seconds: int
) -> dict[str, dict[str, float]]:
    """The medians of every server, and a table of them."""
    bursts: dict[str, list[tuple[Burst, float]]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            bursts[name].append(server.burst(connections=connections, seconds=seconds))
    medians = {
        name: {
            key: statistics.median(asdict(burst)[key] for burst, _ in each)
            for key in ("per_second", "p50_ms", "p99_ms")
        }
        | {"cpu_us": statistics.median(used for _, used in each)}
        | {"failures": sum(burst.failures for burst, _ in each)}
        for name, each in bursts.items()
    }
    header = ("", "requests/s", "p50, ms", "p99, ms", "CPU per request, µs", "failures")
    rows = [(name, *figures.values()) for name, figures in medians.items()]
    print_table(f"One row, {connections} connections", header, rows)
    print()
    for name, figures in medians.items():
        if name != POD:
            rate = medians[POD]["per_second"] / figures["per_second"]
            work = figures["cpu_us"] / medians[POD]["cpu_us"]
            print(f"ratio {POD} / {name}, {connections} connections: {rate:.2f}", end="")
            print(f" by requests/s, {work:.2f} by processor time", flush=True)
    return medians


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks serving")
    parser.add_argument("--algorithm", default="lightgbm", help="the family of the model")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of a round of one server")
    parser.add_argument("--json", type=Path, help="a file for all figures")
    options = parser.parse_args()
    figures: dict[str, object] = {"algorithm": options.algorithm}
    with tempfile.TemporaryDirectory(prefix="relevo-serving-") as name:
        folder = Path(name)
        make_model(folder, options.algorithm, batches=2)
        with running(folder) as servers:
            fast = {name: servers[name] for name in (POD, CONSTANT)}
            # fifty connections would wait for seconds at the slow ones
            for connections, called in ((10, servers), (50, fast)):
                figures[f"{connections} connections"] = measure_rows(
                    called,
                    connections=connections,
                    rounds=options.rounds,
                    seconds=options.seconds,
                )
            figures["batches"] = measure_batches(
                folder, servers[POD].process, servers[POD].url
            )
            memory = servers[POD].process.memory_full_info().pss / 2**20
    print(f"\nmemory of the pod after all that: {memory:.0f} MB (PSS)")
    figures["pod_mb"] = memory
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()

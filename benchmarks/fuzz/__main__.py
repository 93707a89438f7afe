"""100,000 requests against a real pod process: none of them may be the pod's own failure.

Prints what was answered, what hung, and how the pod's memory went. Ends with 1 when a
request was answered with a 5xx other than a refusal of load, hung, or ended the pod.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, Popen

import psutil

from benchmarks.fuzz.sending import Judged, answers_well, send_many
from benchmarks.models import train_model
from benchmarks.tables import print_table
from relevo_local.places.ports import free_port

A_ROUND = 2_000
MEGABYTE = 2**20


@dataclass
class Memory:
    """The pod's memory at rest, and after each round."""

    requests: list[int] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def note(self, requests: int, process: Popen[bytes]) -> None:
        """How much the pod has (RSS) after so many requests."""
        self.requests.append(requests)
        self.megabytes.append(psutil.Process(process.pid).memory_info().rss / MEGABYTE)

    def slope(self) -> float:
        """Megabytes per 10,000 requests over the second half, by least squares."""
        half = len(self.requests) // 2
        xs, ys = self.requests[half:], self.megabytes[half:]
        x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
        spread = sum((x - x_mean) ** 2 for x in xs) or 1
        pairs = zip(xs, ys, strict=True)
        return 10_000 * sum((x - x_mean) * (y - y_mean) for x, y in pairs) / spread


@contextmanager
def pod(bundle: bytes) -> Iterator[tuple[int, Popen[bytes]]]:
    """A pod that serves the bundle, and its port."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bundle.zip"
        path.write_bytes(bundle)
        command = [sys.executable, "-m", "benchmarks.serving.pod", str(path), str(port)]
        # it tells of each request that is no HTTP
        with Popen(command, stderr=DEVNULL) as process:
            try:
                yield port, process
            finally:
                process.kill()


async def run(port: int, process: Popen[bytes], args: argparse.Namespace) -> bool:
    """Send all, print the figures; True when nothing failed."""
    began = time.monotonic()
    while not await answers_well(port):
        assert process.poll() is None, "the pod has ended"
        assert time.monotonic() < began + 60, "the pod does not answer"
        await asyncio.sleep(0.2)
    judged, memory = Judged(), Memory()
    memory.note(0, process)
    began = time.monotonic()
    share = A_ROUND // args.connections
    rounds = max(1, args.requests // (share * args.connections))
    for number in range(rounds):
        seeds = range(number * args.connections, (number + 1) * args.connections)
        callers = (send_many(port, share, args.seed + seed, judged) for seed in seeds)
        await asyncio.gather(*callers)
        assert process.poll() is None, f"the pod has ended: {process.returncode}"
        assert await answers_well(port), "a valid request is not answered any more"
        memory.note(judged.sent, process)
    tell(judged, memory, time.monotonic() - began)
    return not judged.failures and not judged.hangs


def tell(judged: Judged, memory: Memory, seconds: float) -> None:
    """Print the figures."""
    statuses = sorted(judged.statuses.items())
    rows: list[tuple[object, ...]] = [
        ("requests", f"{judged.sent:,} in {seconds:.0f} s"),
        ("answers by status", ", ".join(f"{n:,} × {s}" for s, n in statuses)),
        ("failures (5xx but a refusal of load)", len(judged.failures)),
        ("hangs", len(judged.hangs)),
        ("memory at rest, MB", f"{memory.megabytes[0]:.0f}"),
        ("memory after the first round, MB", f"{memory.megabytes[1]:.0f}"),
        ("memory at the end, MB", f"{memory.megabytes[-1]:.0f}"),
        ("slope, second half, MB per 10,000 requests", f"{memory.slope():.2f}"),
    ]
    print_table("Fuzz: wrong requests against one pod", ("", ""), rows)
    for request, answer in judged.failures[:5]:
        print(f"\nfailed: {request!r}\nanswer: {answer!r}")
    for request in judged.hangs[:5]:
        print(f"\nhung: {request!r}")


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> int:
    """Fuzz one pod; 1 when something failed."""
    args = options()
    with pod(train_model("lightgbm")) as (port, process):
        return 0 if asyncio.run(run(port, process, args)) else 1


if __name__ == "__main__":
    sys.exit(main())

"""What requests notice while models change: a thousand promotions under open-loop load.

Real Kafka, a real object store, pods as processes, real models of all four families.
Quiet phases lie between the promotions, so whatever else the machine does falls on both.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
import psutil

from benchmarks.models import answers, train_models
from benchmarks.swap.caller import Plan
from benchmarks.swap.figures import Seen, figures
from benchmarks.swap.promoting import Promoter, promoting, store_models
from benchmarks.tables import print_table
from relevo_bundles import Bundle
from relevo_bundles.archive import unpack
from relevo_local.places.addresses import S3Address
from relevo_local.places.ports import free_port
from relevo_local.servers import running_kafka, running_seaweedfs
from relevo_local.services import Service
from relevo_local.supervising.child import Child
from relevo_local.supervising.starting import running
from relevo_runtime.kafka.topics import create_topics
from relevo_storage import open_store

QUIET_SECONDS = 4.0
A_ROUND = 50
"""Promotions between two quiet phases."""
SETTLE_SECONDS = 0.5


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks swap", description=__doc__)
    parser.add_argument("--promotions", type=int, default=1000)
    parser.add_argument("--pods", type=int, nargs="+", default=[1, 3])
    parser.add_argument("--rate", type=float, default=200, help="requests a second and pod")
    parser.add_argument("--period", type=float, default=0.25, help="seconds, at least")
    parser.add_argument("--connections", type=int, default=8, help="to each pod")
    parser.add_argument("--batches", type=int, default=2, help="models of so many batches")
    parser.add_argument("--models", type=Path, help="a folder to keep the models in")
    parser.add_argument("--json", type=Path, help="where the figures are written")
    return parser.parse_args()


def bundles(folder: Path | None, batches: int) -> list[bytes]:
    """The models, from the folder if they are there already."""
    kept = sorted(folder.glob("*.zip")) if folder else []
    if kept:
        return [path.read_bytes() for path in kept]
    models = train_models(batches)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for number, model in enumerate(models):
            (folder / f"{number:02d}.zip").write_bytes(model)
    return models


def pod(number: int, kafka: str, s3: S3Address, model: str, folder: Path) -> Service:
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "S3_ENDPOINT_URL": s3.endpoint_url,
        "S3_ACCESS_KEY": s3.access_key,
        "S3_SECRET_KEY": s3.secret_key,
        "S3_BUCKET": s3.bucket,
        "INFERENCE_MODELS": model,
        "INFERENCE_POD": f"pod-{number}",
        "LOG_LEVEL": "WARNING",
    }
    name = f"inference-{number}"
    return Service(name, "inference", free_port(), folder / name, environment)


@contextmanager
def calling(plan: Plan) -> Iterator[None]:
    """The caller calls for as long as the block lasts."""
    command = [sys.executable, "-m", "benchmarks.swap.caller"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as caller:
        assert caller.stdin is not None
        caller.stdin.write(json.dumps(asdict(plan)) + "\n")
        caller.stdin.flush()
        yield
        caller.stdin.close()
        assert caller.wait() == 0, "the caller failed"


async def watch(pods: Sequence[Child], memory: list[tuple[float, float]]) -> None:
    """Note the memory (RSS) of the largest pod, for ever."""
    processes = [psutil.Process(each.pid) for each in pods]
    while True:
        sizes = [process.memory_info().rss for process in processes]
        memory.append((time.time(), float(max(sizes))))
        await asyncio.sleep(1)


async def rounds(
    promoter: Promoter, promotions: int, period: float
) -> list[tuple[float, float]]:
    """Quiet phases and rounds of promotions in turn; the quiet phases, settled."""
    quiet = []
    for done in range(0, promotions, A_ROUND):
        await asyncio.sleep(SETTLE_SECONDS)
        began = time.time()
        await asyncio.sleep(QUIET_SECONDS)
        quiet.append((began, time.time()))
        for _ in range(min(A_ROUND, promotions - done)):
            rest = asyncio.create_task(asyncio.sleep(period))
            await promoter.promote()
            await rest
    return quiet


async def measure(
    args: argparse.Namespace,
    models: Sequence[bytes],
    services: Sequence[Service],
    processes: Sequence[Child],
    kafka: str,
    folder: Path,
) -> Seen:
    """One run over these pods."""
    golden = Bundle.read(models[0]).manifest.golden
    file = folder / f"{len(services)}-pods.npy"
    rows = [each.row for each in golden]
    ports = [each.port for each in services]
    plan = Plan(ports, rows, args.rate, args.connections, str(file))
    memory: list[tuple[float, float]] = []
    first = 1_000_000 * len(services)
    async with promoting(kafka, models, len(services), first=first) as promoter:
        await promoter.promote()
        watching = asyncio.create_task(watch(processes, memory))
        with calling(plan):
            quiet = await rounds(promoter, args.promotions, args.period)
        watching.cancel()
    return Seen(
        pods=len(services),
        rate=args.rate,
        answers=np.load(file),
        expected=[answers(Bundle.read(model), golden) for model in models],
        promoted=promoter.promoted,
        quiet=quiet,
        memory=memory,
        largest_model=max(sum(map(len, unpack(model).values())) for model in models),
    )


def run(args: argparse.Namespace, models: Sequence[bytes], folder: Path) -> list[Seen]:
    """One run after the other, on one Kafka and one store."""
    model = Bundle.read(models[0]).manifest.model
    found = []
    with running_kafka(folder / "kafka") as kafka, running_seaweedfs(folder / "s3") as s3:
        asyncio.run(prepare(kafka, s3, models))
        for count in args.pods:
            services = [pod(n, kafka, s3, model, folder) for n in range(count)]
            with ExitStack() as stack:
                processes = [
                    stack.enter_context(running(each, folder / f"{each.name}.log"))
                    for each in services
                ]
                measuring = measure(args, models, services, processes, kafka, folder)
                found.append(asyncio.run(measuring))
    return found


async def prepare(kafka: str, s3: S3Address, models: Sequence[bytes]) -> None:
    """The topics, and the bundles in the store."""
    await create_topics(kafka)
    async with open_store(s3.settings) as store:
        await store_models(store, models)


def main() -> None:
    """Print one figure a line, a column for each number of pods."""
    args = options()
    models = bundles(args.models, args.batches)
    with tempfile.TemporaryDirectory(prefix="relevo-swap-") as folder:
        found = [figures(seen) for seen in run(args, models, Path(folder))]
    rows = [(name, *(f"{each[name]:.6g}" for each in found)) for name in found[0]]
    print_table("Swaps", ("figure", *(f"{n} pods" for n in args.pods)), rows)
    if args.json:
        args.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()

"""The seven shipped batches through the whole platform: stage times, swaps, memory."""

import asyncio
import tempfile
import threading
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import psutil

from benchmarks.tables import print_table
from relevo_contracts import Topic
from relevo_contracts.results import Stage, StageResult
from relevo_local.supervising.processes import read_processes
from relevo_storage import open_catalog
from tests.pipeline.running import RunningPlatform
from tests.pipeline.timeline import Timeline

BATCHES = 7
INTERVAL_SECONDS = 30.0
MEGABYTE = 2**20


class Memory:
    """Watches the proportional set size (PSS) of every process of the platform."""

    def __init__(self, platform: RunningPlatform) -> None:
        self._platform = platform
        self.largest: dict[str, float] = {}
        self.last: dict[str, float] = {}
        self.largest_total = 0.0
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leave.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._leave.wait(1.0):
            self.last = {"supervisor": pss(self._platform.command.pid, alone=True)}
            for process in read_processes(self._platform.state):
                if process.pid is not None:
                    self.last[process.name] = pss(process.pid)
            for name, megabytes in self.last.items():
                self.largest[name] = max(megabytes, self.largest.get(name, 0.0))
            self.largest_total = max(self.largest_total, sum(self.last.values()))


def pss(pid: int, *, alone: bool = False) -> float:
    """Megabytes of a process, and of its children unless `alone`; 0 when it is gone."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for member in [process, *([] if alone else process.children(recursive=True))]:
            with suppress(psutil.NoSuchProcess):
                total += member.memory_full_info().pss
    return total / MEGABYTE


async def stage_results(platform: RunningPlatform) -> dict[Stage, list[StageResult]]:
    """Per stage the results of all batches, once the last one is trained."""
    async with open_catalog(platform.addresses.catalog) as catalog:
        deadline = time.monotonic() + BATCHES * INTERVAL_SECONDS + 300
        while len(await catalog.results("diabetes130", Stage.TRAINED)) < BATCHES:
            if time.monotonic() > deadline:
                raise SystemExit(f"not all batches were trained:\n{platform.told()}")
            await asyncio.sleep(1)
        return {stage: await catalog.results("diabetes130", stage) for stage in Stage}


def report_stages(results: dict[Stage, list[StageResult]], timeline: Timeline) -> None:
    """One row per batch: seconds of each stage, and from its release to its end."""
    released = {
        told.body["batch_id"]: told.body["released_at"]
        for told in timeline.records(Topic.BATCH_RAW)
    }
    served: dict[str, float] = {}
    for told in timeline.records(Topic.MODEL_SERVED):
        if told.body["released_at"] and told.body["outcome"] == "served":
            wait = seconds_between(told.body["released_at"], told.body["served_at"])
            served[told.body["released_at"]] = max(
                wait, served.get(told.body["released_at"], 0.0)
            )
    rows = []
    for raw, clean, trained in zip(*(results[stage] for stage in Stage), strict=True):
        spans = [
            (r.finished_at - r.started_at).total_seconds() for r in (raw, clean, trained)
        ]
        start = released[raw.batch_id]
        verdict_after = seconds_between(start, trained.finished_at.isoformat())
        rows.append(
            (
                raw.number,
                *spans,
                trained.verdict.value,
                verdict_after,
                served.get(start, "–"),
            )
        )
    header = ("batch", "taken, s", "cleaned, s", "trained, s", "verdict")
    more = ("released → verdict, s", "released → both pods answer, s")
    print_table("The seven batches", (*header, *more), rows)


def seconds_between(earlier: str, later: str) -> float:
    """Between two RFC 3339 times."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def report_memory(memory: Memory) -> None:
    """Idle and largest PSS per process."""
    names = sorted(memory.largest, key=lambda name: -memory.largest[name])
    rows = [(name, memory.last.get(name, 0.0), memory.largest[name]) for name in names]
    total = ("all at one time", sum(memory.last.values()), memory.largest_total)
    header = ("process", "after the last batch, MB (PSS)", "largest, MB")
    print_table("Memory", header, [total, *rows])


def main() -> None:
    """Run the platform on a folder of its own and print the tables."""
    with tempfile.TemporaryDirectory(prefix="relevo-pipeline-") as folder:
        platform = RunningPlatform(Path(folder) / "state", interval=INTERVAL_SECONDS)
        try:
            with Timeline(platform.addresses.kafka) as timeline, Memory(platform) as memory:
                results = asyncio.run(stage_results(platform))
                asyncio.run(asyncio.sleep(5))
            report_stages(results, timeline)
            report_memory(memory)
        finally:
            platform.stop()


if __name__ == "__main__":
    main()

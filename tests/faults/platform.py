"""The whole platform on small tables, each of its services with deadly points."""

import json
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from relevo_local.composition import whole_platform
from relevo_local.platform import Addresses, Options, Platform, read_processes
from relevo_local.reports import Report, Reporter
from relevo_local.services import Service
from relevo_local.supervising import keeper
from relevo_local.supervising.parts import Part, Plan
from relevo_local.supervising.programs import Command, Program
from tests.faults.points import POINTS
from tests.faults.source import Source
from tests.pipeline.reaching import until

ROOT = Path(__file__).parents[2]
LAUNCHING = Path(__file__).with_name("launching")
ABSENT = {"data-api", "lag-watcher", "console"}
"""The tests are the source themselves, and ask the platform themselves."""
SERVERS = {"kafka", "postgres", "seaweedfs", "mlflow"}
SOON = 0.3


@dataclass(frozen=True)
class Deadly:
    """A service whose process has points; all else of it is as it is."""

    program: Program
    added: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.program.name

    def prepare(self) -> list[Command]:
        return [
            replace(command, environment={**command.environment, **self.added})
            for command in self.program.prepare()
        ]

    def is_ready(self) -> bool:
        return self.program.is_ready()

    def settle(self) -> None:
        self.program.settle()


class Faulty:
    """A platform that runs in this process, and how its parts die."""

    def __init__(
        self, folder: Path, source: Source, declared: Path, datasets: Sequence[str]
    ) -> None:
        self.state = folder / "state"
        self.source = source
        self.datasets = tuple(datasets)
        self.told: list[Report] = []
        self._folder = folder / "faults"
        self._declared = declared
        for name in ("armed", "passed", "died"):
            (self._folder / name).mkdir(parents=True)
        (self._folder / "points.json").write_text(json.dumps(dict(POINTS)))
        self.parts: dict[str, Part] = {}
        options = Options(
            state=self.state,
            datasets=self.datasets,
            mlflow_port=25_010,
            console_port=25_011,
            first_pod_port=25_012,
            data_api_port=25_016,
        )
        self._platform = Platform(options, self.told.append, self._compose)
        self.addresses: Addresses = self._platform.start()

    def stop(self) -> None:
        """End all of it."""
        self._platform.stop()

    def _compose(self, options: Options, report: Reporter) -> Plan:
        plan = whole_platform(options, report)
        parts = [self._deadly(part) for part in plan.parts if part.name not in ABSENT]
        self.parts = {part.name: part for part in parts}
        return replace(plan, parts=parts, chores=())

    def _deadly(self, part: Part) -> Part:
        if part.name in SERVERS:
            return part
        return replace(part, program=self.deadly(part.program))

    def deadly(self, program: Program, **added: str) -> Deadly:
        """The service with its points, and with more in its environment."""
        points = {
            "PYTHONPATH": str(LAUNCHING),
            "FAULTS_FOLDER": str(self._folder),
            "FAULTS_SERVICE": program.name,
            "RELEVO_DATASETS": str(self._declared),
            "DATA_API_URL": self.source.address,
            "TRAINER_POLICY": "not_worse",
        }
        return Deadly(program, points | added)

    def arm(self, service: str, point: str, when: str, *, calls: int, how: str) -> None:
        """Let the service die at a call from now on: `calls` is 1 for the next one."""
        (self._folder / "armed" / f"{service} {point} {when}").write_text(f"{calls} {how}")

    def until_died(self, service: str, point: str, when: str, *, seconds: float) -> None:
        """Return when it has."""
        mark = self._folder / "died" / f"{service} {point} {when}"
        what = f"{service} did not come to {point}:\n{self.last_words(service)}"
        until(mark.exists, seconds=seconds, what=what)
        mark.unlink()

    def passed(self) -> set[str]:
        """Each "SERVICE POINT" that was passed so far."""
        return {path.name for path in (self._folder / "passed").iterdir()}

    def disarm(self) -> None:
        """Nothing dies any more."""
        for path in (self._folder / "armed").iterdir():
            path.unlink(missing_ok=True)

    def last_words(self, service: str) -> str:
        """The end of a process's log."""
        logs = sorted(self.state.glob(f"**/{service}.log"))
        return "\n".join(log.read_text(errors="replace")[-3000:] for log in logs)

    def pid(self, name: str) -> int | None:
        """The process of that name, None while there is none."""
        return next(p.pid for p in read_processes(self.state) if p.name == name)

    def is_ready(self) -> bool:
        """Whether every process answers."""
        return {process.state for process in read_processes(self.state)} == {"ready"}

    def kill(self, name: str) -> None:
        """SIGKILL, if it runs just now."""
        if pid := self.pid(name):
            os.kill(pid, signal.SIGKILL)

    def family(self, name: str) -> list[psutil.Process]:
        """Its process and all that it started."""
        root = psutil.Process(self.pid(name))
        return [root, *root.children(recursive=True)]


def impatient(patching: pytest.MonkeyPatch) -> None:
    """The supervisor starts again at once, however often something died."""
    patching.setattr(keeper, "FIRST_DELAY", SOON)
    patching.setattr(keeper, "LONGEST_DELAY", SOON)


def beside(faulty: Faulty, name: str, *, of: str, port: int, **added: str) -> Deadly:
    """Another process of a service that runs already."""
    deadly = faulty.parts[of].program
    assert isinstance(deadly, Deadly)
    assert isinstance(deadly.program, Service)
    folder = deadly.program.folder.with_name(name)
    service = replace(deadly.program, name=name, port=port, folder=folder)
    return faulty.deadly(service, KAFKA_GROUP_INSTANCE_ID=name, **added)

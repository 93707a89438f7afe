"""The whole platform on small tables, and what a test does to its processes."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from relevo_local.composition import whole_platform
from relevo_local.places.ports import free_port
from relevo_local.platform import Addresses, Options, Platform, read_processes
from relevo_local.reports import Report, Reporter
from relevo_local.services import Service
from relevo_local.supervising import keeper
from relevo_local.supervising.parts import Part, Plan, WithTask
from tests.faults.cases import Death, How
from tests.faults.points import CHANGED, POINTS
from tests.faults.programs import Absent, Deadly
from tests.faults.source import Source
from tests.pipeline.reaching import until

LAUNCHING = Path(__file__).with_name("launching")
UNUSED = {"data-api", "lag-watcher", "console"}
"""The tests are the source themselves, and look themselves."""
SERVERS = ("kafka", "postgres", "seaweedfs", "mlflow")
SOON = 0.3


class Faulty:
    """A platform that runs in this process, and how its parts die.

    more: by name, further processes of a service. settings: of all services.
    """

    def __init__(
        self,
        folder: Path,
        source: Source,
        declared: Path,
        datasets: Sequence[str],
        more: Mapping[str, str] = {},
        settings: Mapping[str, str] = {},
    ) -> None:
        self.state = folder / "state"
        self.source = source
        self.told: list[Report] = []
        self._folder = folder / "faults"
        for name in ("armed", "passed", "died"):
            (self._folder / name).mkdir(parents=True)
        points = {"methods": dict(POINTS), "changed": CHANGED}
        (self._folder / "points.json").write_text(json.dumps(points))
        self._points = {
            "PYTHONPATH": str(LAUNCHING),
            "FAULTS_FOLDER": str(self._folder),
            "RELEVO_DATASETS": str(declared),
            "DATA_API_URL": source.address,
            "RECONCILE_INTERVAL_SECONDS": "10",
            **settings,
        }
        self._more = more
        self.servers: dict[str, Absent] = {}
        options = Options(
            state=self.state,
            datasets=tuple(datasets),
            # none that another platform takes while who listens there is dead
            mlflow_port=free_port(),
            first_pod_port=free_port(),
        )
        self._platform = Platform(options, self.told.append, self._compose)
        self.addresses: Addresses = self._platform.start()

    def stop(self) -> None:
        """End all of it."""
        for server in self.servers.values():
            server.may_start.set()
        self._platform.stop()

    def _compose(self, options: Options, report: Reporter) -> Plan:
        plan = whole_platform(options, report)
        parts = {p.name: self._faulty(p) for p in plan.parts if p.name not in UNUSED}
        for name, service in self._more.items():
            program = parts[service].program
            assert isinstance(program, Deadly)
            parts[name] = replace(parts[service], program=program.beside(name), url=None)
        return replace(plan, parts=list(parts.values()), chores=())

    def _faulty(self, part: Part) -> Part:
        if isinstance(part.program, Service):
            return replace(part, program=Deadly(part.program, self._points))
        server = part.program
        if isinstance(server, WithTask):
            self.servers[part.name] = absent = Absent(server.program)
            return replace(part, program=replace(server, program=absent))
        self.servers[part.name] = absent = Absent(server)
        return replace(part, program=absent)

    def arm(self, death: Death, *, how: How = "process") -> None:
        """Let the service die there from now on."""
        self._mark("armed", death).write_text(f"{death.calls} {how}")

    def until_died(self, death: Death, *, seconds: float) -> None:
        """Return when it has."""
        mark = self._mark("died", death)
        until(mark.exists, seconds=seconds, what=f"not {death}")
        mark.unlink()

    def disarm(self) -> None:
        """Nothing dies any more."""
        for path in (self._folder / "armed").iterdir():
            path.unlink(missing_ok=True)

    def passed(self) -> dict[str, float]:
        """When each "SERVICE POINT" was passed last; all pods are the first one."""
        return {
            re.sub(r"^pod-\d+", "pod-1", path.name): path.stat().st_mtime
            for path in (self._folder / "passed").iterdir()
        }

    def pid(self, name: str) -> int | None:
        """The process of that name, None while there is none."""
        return next(p.pid for p in read_processes(self.state) if p.name == name)

    def is_ready(self) -> bool:
        """Whether every process answers."""
        return {process.state for process in read_processes(self.state)} == {"ready"}

    def until_ready(self, *, seconds: float) -> None:
        """Return when every process answers."""
        until(self.is_ready, seconds=seconds, what="a process is not ready")

    def kill(self, name: str) -> None:
        """SIGKILL, if it runs just now."""
        if pid := self.pid(name):
            os.kill(pid, signal.SIGKILL)

    def take_away(self, server: str) -> None:
        """kill -9, and nobody starts it until it is brought back."""
        self.servers[server].may_start.clear()
        self.kill(server)
        until(lambda: self.pid(server) is None, seconds=20, what=f"{server} is there")

    def bring_back(self, server: str) -> float:
        """Return when it is ready; the time then."""
        self.servers[server].may_start.set()
        until(
            lambda: self.servers[server].is_ready(),
            seconds=60,
            what=f"no {server} is there",
        )
        return time.time()

    def advised(self, service: str, command: str, *, seconds: float) -> list[str]:
        """The command of that beginning which the service's log tells a person to type."""
        log = self.state / "logs" / f"{service}.log"

        def found() -> list[str]:
            return [
                str(each) for each in re.findall(f"`({command}[^`]*)`", log.read_text())
            ]

        until(
            lambda: bool(found()),
            seconds=seconds,
            what=f"{service} says nothing of {command}",
        )
        return found()[-1].split()

    def obey(self, command: Sequence[str]) -> None:
        """Type what was advised."""
        program = [sys.executable, "-m", *command, "--state", str(self.state)]
        subprocess.run(program, check=True, capture_output=True)

    def family(self, name: str) -> list[psutil.Process]:
        """Its process and all that it started."""
        root = psutil.Process(self.pid(name))
        return [root, *root.children(recursive=True)]

    def _mark(self, kind: str, death: Death) -> Path:
        return self._folder / kind / f"{death.service} {death.point} {death.when}"


def impatient(patching: pytest.MonkeyPatch) -> None:
    """The supervisor starts again at once, however often something died."""
    patching.setattr(keeper, "FIRST_DELAY", SOON)
    patching.setattr(keeper, "LONGEST_DELAY", SOON)

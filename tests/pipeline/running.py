"""A platform that runs as a person would run it: by the command, in a folder of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from relevo_local.platform import Addresses, NotRunning, read_addresses, read_processes
from tests.pipeline.reaching import MODEL, ReachedPlatform, until


class RunningPlatform(ReachedPlatform):
    """`relevo up --plain` as a child process, and what tests do to it."""

    def __init__(
        self,
        state: Path,
        *,
        interval: float,
        datasets: Sequence[str] = (MODEL,),
        environment: Mapping[str, str] = {},
    ) -> None:
        self.state = state
        self.log = state.with_suffix(".log")
        super().__init__()
        with self.log.open("wb") as log:
            options = ["--plain", "--state", str(state), "--interval", str(interval)]
            options += ["--dataset", ",".join(datasets)]
            self.command = subprocess.Popen(
                [sys.executable, "-m", "relevo", "up", *options],
                env=os.environ | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.addresses = self._wait_until_ready()

    def _wait_until_ready(self) -> Addresses:
        def answers() -> bool:
            assert self.command.poll() is None, f"`relevo up` ended:\n{self.told()}"
            try:
                addresses = read_addresses(self.state)
            except NotRunning:
                return False
            return self.are_ready() and bool(addresses.inference)

        until(
            answers, seconds=240, what=lambda: f"the platform is not ready:\n{self.told()}"
        )
        return read_addresses(self.state)

    def told(self) -> str:
        """What the command has printed so far."""
        return self.log.read_text(errors="replace")[-4000:]

    def relevo(self, *arguments: str, seconds: float = 60) -> str:
        """What another relevo command prints about this platform."""
        return self.relevo_with_input("", *arguments, seconds=seconds)

    def relevo_with_input(self, text: str, *arguments: str, seconds: float = 60) -> str:
        """The same, for a command that reads its standard input."""
        done = subprocess.run(
            [sys.executable, "-m", "relevo", *arguments],
            env=os.environ | {"RELEVO_STATE": str(self.state)},
            input=text,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def are_ready(self) -> bool:
        """True when every process answers."""
        return {process.state for process in read_processes(self.state)} == {"ready"}

    def pid(self, name: str) -> int:
        """The process id under which a process of the platform runs now."""
        pids = {process.name: process.pid for process in read_processes(self.state)}
        pid = pids[name]
        assert pid is not None, f"{name} does not run"
        return pid

    def pods(self) -> list[str]:
        """The names of the inference processes."""
        return [p.name for p in read_processes(self.state) if p.name.startswith("pod-")]

    def kill(self, name: str) -> None:
        """SIGKILL, as a crash or the kernel's memory killer would."""
        os.kill(self.pid(name), signal.SIGKILL)

    def freeze(self, name: str) -> None:
        """The process and its children answer nothing from now on."""
        self._signal_family(name, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """They go on."""
        self._signal_family(name, signal.SIGCONT)

    def _signal_family(self, name: str, which: signal.Signals) -> None:
        process = psutil.Process(self.pid(name))
        for member in [process, *process.children(recursive=True)]:
            member.send_signal(which)

    def family(self) -> list[psutil.Process]:
        """The command and every process below it."""
        command = psutil.Process(self.command.pid)
        return [command, *command.children(recursive=True)]

    def stop(self) -> float:
        """Ctrl-C; how many seconds it took."""
        began = time.monotonic()
        self.client.close()
        self.command.send_signal(signal.SIGINT)
        self.command.wait(timeout=30)
        return time.monotonic() - began

"""wrk as the client: cheap enough to keep a server's core busy from another one."""

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

SCRIPT = """
local bodies = {}
for line in io.lines("%s") do table.insert(bodies, line) end
local place = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  place = place %% #bodies + 1
  return wrk.format(nil, nil, nil, bodies[place])
end
"""
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Burst:
    """What wrk saw in some seconds."""

    requests: int
    failures: int
    per_second: float
    p50_ms: float
    p99_ms: float


class Wrk:
    """Sends the bodies in turn, over and over, each connection waiting for its answer."""

    def __init__(
        self, folder: Path, name: str, bodies: Sequence[Any], *, core: int
    ) -> None:
        self._program = which("wrk")
        if self._program is None:
            raise SystemExit("this benchmark needs wrk: apt-get install wrk")
        lines = folder / f"{name}.jsonl"
        lines.write_text("".join(json.dumps(body) + "\n" for body in bodies))
        self._script = folder / f"{name}.lua"
        self._script.write_text(SCRIPT % lines)
        self._core = core

    def burst(self, url: str, *, connections: int, seconds: int) -> Burst:
        """Call a server for so many seconds."""
        pinned = ("taskset", "-c", str(self._core))
        client = (str(self._program), "--latency", "--timeout=20s", "-s", str(self._script))
        load = ("-t1", f"-c{connections}", f"-d{seconds}s")
        done = subprocess.run(
            [*pinned, *client, *load, url],
            capture_output=True,
            text=True,
            check=True,
        )
        return Burst(
            requests=int(_found(r"(\d+) requests in", done.stdout)[0]),
            failures=sum(
                int(number)
                for line in re.findall(r"(?:Non-2xx|Socket errors).*", done.stdout)
                for number in re.findall(r"\d+", line.partition(":")[2])
            ),
            per_second=float(_found(r"Requests/sec:\s+([\d.]+)", done.stdout)[0]),
            p50_ms=_milliseconds("50%", done.stdout),
            p99_ms=_milliseconds("99%", done.stdout),
        )


def _milliseconds(share: str, output: str) -> float:
    number, unit = _found(rf"{share}\s+([\d.]+)(us|ms|s)", output)
    return float(number) * MILLISECONDS[unit]


def _found(pattern: str, output: str) -> Sequence[str]:
    found = re.search(pattern, output)
    if found is None:
        raise RuntimeError(f"wrk said no {pattern!r}: {output}")
    return found.groups()

"""From `make run` in a clean clone to ready and to the first promoted answer.

Twice: with caches that are empty (uv's, the jars', the Java start cache), and again in
another clean clone with what the first one has fetched.
"""

import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.tables import print_table
from relevo.example import example_of
from relevo_local.platform import NotRunning, read_addresses
from tests.pipeline.reaching import until

ROOT = Path(__file__).parents[1]


def measure(clone: Path, caches: Path) -> tuple[float, float]:
    """Seconds until the platform said that it is ready, and until a model answered."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)  # noqa: S607
    output = clone.with_suffix(".log")
    places = {"UV_CACHE_DIR": str(caches / "uv"), "XDG_CACHE_HOME": str(caches / "xdg")}
    began = time.monotonic()
    with output.open("wb") as log:
        running = subprocess.Popen(
            ["make", "run"],  # noqa: S607
            cwd=clone,
            env=_plain_environment() | places,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        ready = re.compile(r"platform: ready|platform is ready|ready after [0-9.]+ s: ")
        until(
            lambda: bool(ready.search(output.read_text(errors="replace"))),
            seconds=900,
            what="the platform did not become ready",
        )
        seconds_to_ready = time.monotonic() - began
        until(lambda: answers(clone), seconds=300, what="no model answered")
        return seconds_to_ready, time.monotonic() - began
    finally:
        os.killpg(running.pid, signal.SIGINT)
        running.wait(timeout=60)


def _plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}


def answers(clone: Path) -> bool:
    """True when the first pod answers the example request with 200."""
    try:
        pod = read_addresses(clone / ".relevo").inference[0]
        return (
            httpx.post(f"{pod}/predict", json=example_of("diabetes130")).status_code == 200
        )
    except (NotRunning, httpx.HTTPError):
        return False


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="relevo-start-") as folder:
        caches = Path(folder) / "caches"
        rows = []
        for name in ("empty caches", "warm caches"):
            clone = Path(folder) / name.replace(" ", "-")
            rows.append((name, *measure(clone, caches)))
        header = ("clean clone with", "`make run` → ready, s", "→ first promoted answer, s")
        print_table("Start", header, rows)


if __name__ == "__main__":
    main()

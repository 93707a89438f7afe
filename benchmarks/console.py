"""What ten open pages cost the console, and how late they are: two in a real browser.

The platform learns from its seven batches, then its champion is moved to and fro.
"""

import argparse
import asyncio
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

import httpx
import psutil
from mlflow import MlflowClient
from playwright.sync_api import Page

from benchmarks.tables import print_table
from tests.browser.looking import LIVE, Pages, running_chromium
from tests.pipeline.reaching import MODEL
from tests.pipeline.running import RunningPlatform

MEGABYTE = 2**20
READERS = 8
"""Beside the two real pages."""
INTERVAL_SECONDS = 20.0
MOVE_SECONDS = 5.0
SAMPLE_SECONDS = 1.0
TIMES = re.compile(r'<tr class="\w+"><td><time datetime="([^"]+)">')
LATENESS = """() => {
  window.late = [];
  new MutationObserver((changes) => {
    for (const row of changes.flatMap((change) => [...change.addedNodes])) {
      const time = row.querySelector?.("time");
      if (time) window.late.push((Date.now() - new Date(time.dateTime)) / 1000);
    }
  }).observe(document.querySelector("#rows"), {childList: true});
}"""


class Reader:
    """A browser's stream without the browser; `late` has seconds per event."""

    def __init__(self, console: str, page: str) -> None:
        self.late: list[float] = []
        self._url = f"{console}/live/{page}"
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leave.set()
        self._thread.join(10)

    def _read(self) -> None:
        is_first = True
        with httpx.stream("GET", self._url, timeout=30) as answer:
            for line in answer.iter_lines():
                if self._leave.is_set():
                    return
                if not line:  # the first message is the past
                    is_first = False
                elif not is_first and self._url.endswith("events"):
                    now = datetime.now(UTC)
                    times = map(datetime.fromisoformat, TIMES.findall(line))
                    self.late += [(now - each).total_seconds() for each in times]


@contextmanager
def open_pages(console: str) -> Iterator[Page]:
    """Now and Events in a real browser; gives the second."""
    with running_chromium() as browser:
        pages = Pages(browser, console)
        now, events = pages.new(), pages.new()
        for page, path in ((now, "/"), (events, "/events")):
            page.goto(path)
            page.locator(LIVE).wait_for()
        events.evaluate(LATENESS)
        yield events
        pages.close()
        assert pages.troubles == [], pages.troubles


def moves(client: MlflowClient) -> Iterator[None]:
    """The champion to the first version and back, for ever."""
    while True:
        champion = str(client.get_model_version_by_alias(MODEL, "champion").version)
        for version in ("1", champion):
            client.set_registered_model_alias(MODEL, "champion", version)
            yield


def watch(platform: RunningPlatform, page: Page, seconds: float) -> list[float]:
    """Megabytes of the console (RSS), a second apart, while things happen."""
    process = psutil.Process(platform.pid("console"))
    move = moves(MlflowClient(platform.addresses.mlflow))
    began = moved = time.monotonic()
    sizes = []
    while (now := time.monotonic()) - began < seconds:
        sizes.append(process.memory_info().rss / MEGABYTE)
        if now - moved > MOVE_SECONDS:
            next(move)
            moved = now
        page.wait_for_timeout(SAMPLE_SECONDS * 1000)  # lets the browser's events in
    return sizes


def measure(platform: RunningPlatform, minutes: float) -> list[tuple[str, object]]:
    """Every figure with its name."""
    console = platform.addresses.services["console"]
    process = psutil.Process(platform.pid("console"))
    with ExitStack() as stack:
        readers = [
            stack.enter_context(Reader(console, ("now", "events")[number % 2]))
            for number in range(READERS)
        ]
        page = stack.enter_context(open_pages(console))
        before = process.cpu_times()
        sizes = watch(platform, page, minutes * 60)
        after = process.cpu_times()
        seen = page.evaluate("window.late")
    streams = [reader.late for reader in readers if reader.late]
    used = after.user + after.system - before.user - before.system
    minute = int(60 / SAMPLE_SECONDS)
    return [
        ("events on each page, at least", min(map(len, [*streams, seen]))),
        ("largest delay on a stream, s", max(max(late) for late in streams)),
        ("largest delay in the browser, s", max(seen)),
        ("memory in the first minute, MB (RSS, mean)", mean(sizes[:minute])),
        ("memory in the last minute, MB", mean(sizes[-minute:])),
        ("largest, MB", max(sizes)),
        ("CPU, share of one core", used / (minutes * 60)),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks console", description=__doc__
    )
    parser.add_argument("--minutes", type=float, default=10)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="relevo-console-") as folder:
        platform = RunningPlatform(Path(folder) / "state", interval=INTERVAL_SECONDS)
        try:
            asyncio.run(platform.until_promoted(1, seconds=180))
            rows = measure(platform, minutes)
        finally:
            platform.stop()
    print_table(f"The console with ten pages open for {minutes:g} minutes", ("", ""), rows)


if __name__ == "__main__":
    main()

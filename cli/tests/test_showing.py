"""The thread that shows the story: it hears everything and harms nobody."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from relevo.errors import CommandError
from relevo.view.scene import Scene
from relevo.view.showing import Showing, continued, in_one_line
from relevo_local.options import Options
from relevo_local.reports import Report
from relevo_story.sources.whereabouts import Whereabouts
from relevo_story.telling import samples
from relevo_story.telling.facts import Line
from relevo_story.telling.samples import happened
from relevo_story.telling.story import Story


@pytest.fixture(autouse=True)
def _quick_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relevo.view.showing.TICK_SECONDS", 0.05)


class RememberingView:
    """Keeps what it is told; `fault` is raised at every draw."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.told: list[str] = []
        self.requests: list[str] = []
        self.drawn = 0
        self.closed_with: Scene | None = None
        self._fault = fault

    def open(self) -> None:
        self.told.append("opened")

    def tell(self, line: Line) -> None:
        self.told.append(f"{line.subject}: {line.text}")

    def show_request(self, intro: str, scene: Scene) -> None:
        self.requests.append(intro)

    def draw(self, scene: Scene) -> None:
        self.drawn += 1
        if self._fault:
            raise self._fault

    def close(self, scene: Scene | None) -> None:
        self.closed_with = scene


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def showing(
    state: Path, view: RememberingView, find: Callable[[], Whereabouts] = Whereabouts
) -> Showing:
    started = Showing(Options(state=state), view, find)
    started.start()
    return started


def test_what_the_platform_reports_is_told_in_order_until_the_end(tmp_path: Path) -> None:
    view = RememberingView()
    show = showing(tmp_path, view)

    show.report(Report(process="kafka", text="ready after 1.4 s", kind="ready"))
    show.say("stopping everything")
    show.stop()

    assert view.told == [
        "opened",
        "kafka: ready after 1.4 s",
        "relevo: stopping everything",
    ]
    assert view.closed_with is not None


def test_the_request_is_shown_when_the_platform_is_ready(tmp_path: Path) -> None:
    view = RememberingView()
    show = showing(tmp_path, view)

    show.platform_is_ready()
    until(lambda: bool(view.requests), "no request is shown")
    show.stop()

    assert len(view.requests) == 1
    assert "asks it" in view.requests[0]


def test_a_fault_of_the_view_is_told_once_and_the_next_tick_tries_again(
    tmp_path: Path,
) -> None:
    view = RememberingView(fault=ValueError("too narrow"))
    show = showing(tmp_path, view)

    until(lambda: view.drawn >= 3, "it does not try again")
    show.stop()

    assert view.told == ["opened", "view: cannot tell all just now: ValueError: too narrow"]


def test_addresses_that_are_not_there_yet_are_asked_for_again(tmp_path: Path) -> None:
    asked: list[int] = []

    def find() -> Whereabouts:
        asked.append(1)
        if len(asked) < 3:
            raise CommandError("not yet")
        return Whereabouts(mlflow="http://m")

    view = RememberingView()
    show = showing(tmp_path, view, find)
    show.report(Report(process="kafka", text="ready", kind="ready"))
    until(lambda: len(asked) == 3, "it does not ask again")
    show.stop()

    assert view.closed_with is not None
    assert view.closed_with.where.mlflow == "http://m"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("one", "one"),
        ("died. Its last lines:\n  | a\n  | b\nThe log is in x", "died. Its last lines:"
         " … The log is in x"),
    ],
)  # fmt: skip
def test_a_report_is_one_line(text: str, line: str) -> None:
    assert in_one_line(text) == line


def test_an_earlier_start_is_told_in_one_sentence() -> None:
    story = Story()
    for number in (1, 2):
        story.add(happened(samples.raw(number)))
    story.add(happened(samples.promoted("2", 2)))

    assert continued(story, samples.at(2, 100)) == (
        "goes on from where it was: 2 batches taken, version 2 is champion"
    )
    assert continued(story, samples.at(2, 0)) == (
        "goes on from where it was: 1 batch taken"
    )


def test_what_happened_before_this_start_is_not_told_as_news(tmp_path: Path) -> None:
    view = RememberingView()
    show = Showing(Options(state=tmp_path), view, Whereabouts)
    old = Report(process="kafka", text="old", time=datetime.now(UTC) - timedelta(hours=1))

    show.report(old)
    show.report(Report(process="kafka", text="new"))
    show.start()
    show.stop()

    assert view.told == ["opened", "kafka: new"]

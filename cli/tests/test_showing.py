"""The thread that shows the story: it hears everything and harms nobody."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from relevo.errors import CommandError
from relevo.view.scene import Scene
from relevo.view.showing import Showing, continued, in_one_line
from relevo.view.views import View, Views
from relevo_contracts.results import Stage, Verdict
from relevo_local.options import Options
from relevo_local.reports import Report
from relevo_story.sources.whereabouts import Whereabouts
from relevo_story.telling import samples
from relevo_story.telling.facts import Line
from relevo_story.telling.samples import happened, result
from relevo_story.telling.story import Story


@pytest.fixture(autouse=True)
def _quick_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relevo.view.showing.TICK_SECONDS", 0.05)


class RememberingView(View):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.requests: list[str] = []
        self.closed_with: Scene | None = None

    def open(self) -> None:
        self.told.append("opened")

    def tell(self, line: Line) -> None:
        self.told.append(f"{line.subject}: {line.text}")

    def show_request(self, intro: str, scene: Scene) -> None:
        self.requests.append(intro)

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
    started = Showing(Options(state=state), Views([view]), find)
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


def test_a_fault_is_told_once_and_the_next_tick_tries_again(tmp_path: Path) -> None:
    asked: list[int] = []

    def find() -> Whereabouts:
        asked.append(1)
        if len(asked) < 3:
            raise CommandError("no addresses yet")
        return Whereabouts(mlflow="http://m")

    view = RememberingView()
    show = showing(tmp_path, view, find)
    show.report(Report(process="kafka", text="ready", kind="ready"))
    until(lambda: len(asked) == 3, "it does not ask again")
    show.stop()

    assert [line for line in view.told if "no addresses yet" in line] == [
        "view: cannot tell all just now: CommandError: no addresses yet"
    ]
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
    show = Showing(Options(state=tmp_path), Views([view]), Whereabouts)
    old = Report(process="kafka", text="old", time=datetime.now(UTC) - timedelta(hours=1))

    show.report(old)
    show.report(Report(process="kafka", text="new"))
    show.start()
    show.stop()

    assert view.told == ["opened", "kafka: new"]


def test_what_is_counted_is_one_line_that_counts(tmp_path: Path) -> None:
    view = RememberingView()
    show = Showing(Options(state=tmp_path), Views([view]), Whereabouts)
    for count in (1, 2, 3):
        text = f"getting Kafka: {count} of 3 jars"
        show.report(Report(process="kafka", text=text, counted=(count, 3)))
    show.report(Report(process="kafka", text="ready after 1.4 s"))
    show.start()
    show.stop()

    assert view.closed_with is not None
    assert [line.text for line in view.closed_with.lines] == [
        "getting Kafka: 3 of 3 jars",
        "ready after 1.4 s",
    ]


def test_when_no_more_batches_come_it_is_told_once_what_can_be_done(tmp_path: Path) -> None:
    view = RememberingView()
    show = Showing(Options(state=tmp_path), Views([view]), Whereabouts)
    for number in (1, 2):
        show.take(
            result(Stage.TRAINED, number, Verdict.KEPT, after=8, seconds=5, reason="noise")
        )
    show.take(replace(samples.schedule(None), total=2))
    show.platform_is_ready()
    show.start()
    until(lambda: any("no more come" in line for line in view.told), "it is not told")
    show.stop()

    [told] = [line for line in view.told if "no more come" in line]
    assert "Move the alias" in told
    assert "`relevo reset`" in told

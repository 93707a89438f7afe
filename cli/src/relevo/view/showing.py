"""Shows the story while the platform runs, in a thread of its own that harms nobody."""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from operator import methodcaller

from relevo.addresses import results_of
from relevo.view.scene import Scene
from relevo.view.views import Views
from relevo_contracts.errors import first_line
from relevo_local.options import Options
from relevo_local.reports import Kind, Report
from relevo_local.supervising.processes import ProcessStatus, read_processes
from relevo_story.sources.watching import Watching
from relevo_story.sources.whereabouts import Whereabouts
from relevo_story.telling import figures
from relevo_story.telling.facts import Fact, Line, Said, Tone
from relevo_story.telling.story import Story
from relevo_story.telling.work import has_ended

TICK_SECONDS = 0.5
MOST_LINES = 500
CLOSING_SECONDS = 5.0
TONES: dict[Kind, Tone] = {
    "notice": "warning",
    "silent": "bad",
    "restart": "bad",
    "failure": "bad",
}
WAITS = "As soon as the first model is promoted, this asks it:"
ANSWERS = "A model answers. Ask it:"
NO_MORE = (
    "every batch has its verdict and no more come; the pods go on answering. Move the alias"
    " `champion` in MLflow and they follow; after Ctrl-C `relevo reset` and `relevo up`"
    " begin anew, `relevo up --dataset NAME` with another table"
)


class Showing:
    """Takes reports from any thread; its own thread reads, folds and draws."""

    def __init__(
        self, options: Options, views: Views, find: Callable[[], Whereabouts]
    ) -> None:
        self._options = options
        self._views = views
        self._find = find
        self._story = Story(pods=options.pods, datasets=options.datasets)
        self._facts: queue.SimpleQueue[Fact] = queue.SimpleQueue()
        self._lines: deque[Line] = deque(maxlen=MOST_LINES)
        self._began = datetime.now(UTC)
        self._older = 0
        self._where = Whereabouts(datasets=options.datasets)
        self._watched: asyncio.Task[None] | None = None
        self._shown: set[str] = set()
        self._has_kafka = threading.Event()
        self._is_ready = threading.Event()
        self._is_stopping = threading.Event()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="view", daemon=True)

    def start(self) -> None:
        """Begin to show."""
        self._thread.start()

    def report(self, report: Report) -> None:
        """The platform's reporter."""
        tone = TONES.get(report.kind, "plain")
        text = in_one_line(report.text)
        self.take(Said(report.time, report.process, text, tone, report.counted))
        if (report.process, report.kind) == ("kafka", "ready"):
            self._has_kafka.set()

    def take(self, fact: Fact) -> None:
        """A fact from any thread."""
        self._facts.put(fact)

    def say(self, text: str, tone: Tone = "plain") -> None:
        """A line of the command's own; may be called in a signal handler."""
        self.take(Said(datetime.now(UTC), "relevo", text, tone))

    def platform_is_ready(self) -> None:
        """All processes answer."""
        self._is_ready.set()

    def stopping(self) -> None:
        """What is away from now on is meant to be away."""
        self._is_stopping.set()

    def stop(self) -> None:
        """Show what is left, then end; waits for seconds at most."""
        self._is_over.set()
        self._thread.join(CLOSING_SECONDS)

    def _run(self) -> None:
        # The platform must run on, whatever happens to the one who looks at it.
        with suppress(Exception):
            asyncio.run(self._show())

    async def _show(self) -> None:
        self._views.show(lambda view: view.open())
        while not self._is_over.is_set():
            self._go_on()
            await asyncio.sleep(TICK_SECONDS)
        self._go_on()
        scene = self._scene()
        self._views.show(lambda view: view.close(scene))

    def _go_on(self) -> None:
        """A fault of the story is told, once, and the next tick tries again."""
        try:
            self._step()
        except Exception as error:
            text = f"cannot tell all just now: {type(error).__name__}: {first_line(error)}"
            if self._is_first(text):
                self._tell([Line(datetime.now(UTC), "view", text, "warning")])

    def _step(self) -> None:
        while not self._facts.empty():
            self._take(self._facts.get())
        self._tell(self._story.pass_time(datetime.now(UTC)))
        if self._is_stopping.is_set():
            if self._watched:
                self._watched.cancel()
        else:
            if self._has_kafka.is_set() and self._watched is None:
                self._where = self._find()
                watching = Watching(self._where, self._take, results_of)
                self._watched = asyncio.create_task(watching.run())
            self._show_what_can_be_done()
        scene = self._scene()
        self._views.show(lambda view: view.draw(scene))

    def _take(self, fact: Fact) -> None:
        self._tell(self._story.add(fact))

    def _tell(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if line.time < self._began:
                self._older += 1  # told by an earlier start; the table shows it
                continue
            if line.counted:  # it takes the place of the one before
                who = line.subject
                for each in [s for s in self._lines if s.counted and s.subject == who]:
                    self._lines.remove(each)
            self._lines.append(line)
            self._views.show(methodcaller("tell", line))

    def _is_first(self, text: str) -> bool:
        is_first = text not in self._shown
        self._shown.add(text)
        return is_first

    def _show_what_can_be_done(self) -> None:
        """To ask a pod, as soon as all answer; and what else, when no more batches come."""
        story = self._story
        pods = [door.answers for door in story.doors.values() if door.what == "pod"]
        if not self._is_ready.is_set() and not (pods and all(pods)):
            return
        swaps = [event for pod in story.pods.values() for event in pod.values()]
        if any(swap.serving_version and swap.served_at >= self._began for swap in swaps):
            self._shown.add(WAITS)
            self._show_request(ANSWERS, ANSWERS)
        coming = (
            "" if self._is_ready.is_set() else "The pods answer, MLflow is still coming. "
        )
        self._show_request(WAITS, coming + WAITS)
        if self._older and self._is_first("older"):
            self.say(continued(story, self._began))
        if has_ended(story) and self._is_first(NO_MORE):
            self.say(NO_MORE, "news")

    def _show_request(self, kind: str, intro: str) -> None:
        if self._is_first(kind):
            scene = self._scene()
            self._views.show(lambda view: view.show_request(intro, scene))

    def _scene(self) -> Scene:
        return Scene(
            story=self._story,
            now=datetime.now(UTC),
            began=self._began,
            interval_seconds=self._options.interval_seconds,
            state=self._options.state,
            where=self._where,
            processes=self._processes(),
            lines=tuple(self._lines),
            is_stopping=self._is_stopping.is_set(),
        )

    def _processes(self) -> list[ProcessStatus]:
        try:
            return read_processes(self._options.state)
        except (OSError, ValueError):  # being written just now, or gone by `reset`
            return []


def in_one_line(text: str) -> str:
    """The beginning and the end of a longer text; what is between is in a log."""
    lines = text.strip().splitlines() or [""]
    return lines[0] if len(lines) == 1 else f"{lines[0]} … {lines[-1]}"


def continued(story: Story, began: datetime) -> str:
    """What an earlier start has left, in words."""
    taken = [batch.raw.finished_at for batch in story.batches if batch.raw.finished_at]
    count = sum(time < began for time in taken)
    champions = [champion for champion in story.champions if champion.since < began]
    text = f"goes on from where it was: {figures.batches(count)} taken"
    if not champions:
        return text
    told = [story.called(champion.model, champion.version) for champion in champions]
    return f"{text}, {figures.listed(told)} {'is' if len(told) == 1 else 'are'} champion"

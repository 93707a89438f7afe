"""The one story that all pages tell: fed by one reader of each source, kept in memory."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from console.live.alerts import Alert
from console.live.hub import Hub
from console.live.processes import Process
from console.metrics import FACTS
from relevo_contracts.results import StageResult
from relevo_story.sources.records import time_of
from relevo_story.telling.facts import Buried, Fact, Happened, Illegible, Line
from relevo_story.telling.story import Story
from relevo_story.telling.timeline import Entry, Timeline

MOST_RECORDS = 5_000
MOST_LINES = 60

Record = Happened | Buried | Illegible


@dataclass(frozen=True)
class Told:
    """A record of a topic, and what it tells."""

    record: Record
    entry: Entry


class LiveStory:
    """What is known now, what stands in the topics, and the last things that were said.

    results: what the stages noted of each batch, by batch and stage, as it came.
    alerts: what fires in Prometheus. processes: those beside us that do not work.
    """

    def __init__(self, datasets: Iterable[str]) -> None:
        self.story = Story(datasets=datasets)
        self.told: deque[Told] = deque(maxlen=MOST_RECORDS)
        self.lines: deque[Line] = deque(maxlen=MOST_LINES)
        self.results: dict[tuple[str, str], StageResult] = {}
        self.alerts: list[Alert] = []
        self.processes: Sequence[Process] = ()
        self.records: Hub[Told] = Hub("events")
        self.changed = asyncio.Event()
        self._timeline = Timeline(self.story)
        self._last: dict[tuple[str, int], tuple[int, datetime]] = {}

    def take(self, fact: Fact) -> None:
        """A source told something; may be told twice and in any order."""
        FACTS.inc()
        if isinstance(fact, StageResult):
            self.results[fact.batch_id, fact.stage.value] = fact
        self.lines.extend(self.story.add(fact))
        if isinstance(fact, Happened | Buried | Illegible) and self._is_new(fact):
            told = Told(fact, self._timeline.entry(fact))
            self.told.append(told)
            self.records.publish(told)
        self.changed.set()

    def show_alerts(self, alerts: list[Alert]) -> None:
        """These fire now, and no others."""
        if alerts != self.alerts:
            self.alerts = alerts
            self.changed.set()

    def show_processes(self, processes: Sequence[Process]) -> None:
        """These do not work now, and no others."""
        if processes != self.processes:
            self.processes = processes
            self.changed.set()

    def pass_time(self) -> None:
        """Say what waited for more to be told with it."""
        if lines := self.story.pass_time(datetime.now(UTC)):
            self.lines.extend(lines)
            self.changed.set()

    def newest(self) -> Iterator[Told]:
        """What stands in the topics, the newest first."""
        return reversed(self.told)

    def _is_new(self, record: Record) -> bool:
        """Kafka is read again from its start whenever it was away, or a topic made anew."""
        place, time = record.place, time_of(record)
        key = (place.topic, place.partition)
        offset, newest = self._last.get(key, (-1, time))
        if place.offset <= offset and time <= newest:
            return False
        self._last[key] = (place.offset, max(time, newest))
        return True

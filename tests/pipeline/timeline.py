"""All records of all topics as they come, for tests that wait for them."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer

from relevo_contracts import Topic
from tests.pipeline.reaching import MODEL


@dataclass(frozen=True)
class Told:
    """One record: where it stands, its key, its headers and its body as JSON."""

    topic: str
    partition: int
    offset: int
    key: str | None
    headers: dict[str, str]
    body: Any


class Timeline:
    """Reads every topic from its start; `wait_for` looks back and forward."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._records: list[Told] = []
        self._changed = threading.Condition()
        self._leave = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._read()), daemon=True
        )

    def __enter__(self) -> "Timeline":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leave.set()
        self._thread.join(20)

    def records(self, topic: Topic) -> list[Told]:
        """What stands in a topic so far, in the order of arrival."""
        with self._changed:
            return [told for told in self._records if told.topic == topic]

    def wait_for(
        self, topic: Topic, fits: Callable[[Told], bool], *, seconds: float, what: str
    ) -> Told:
        """The first record of the topic that fits; fails with `what` when none comes."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                for told in self._records:
                    if told.topic == topic and fits(told):
                        return told
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"after {seconds:g} s: {what}; {self._summary()}")
                self._changed.wait(left)

    def _summary(self) -> str:
        counts = {topic.value: 0 for topic in Topic}
        for told in self._records:
            counts[told.topic] += 1
        return f"records so far: {counts}"

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(
            *(topic.value for topic in Topic),
            bootstrap_servers=self._bootstrap_servers,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        try:
            while not self._leave.is_set():
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    with self._changed:
                        self._records += [_told(record) for record in batch]
                        self._changed.notify_all()
        finally:
            await consumer.stop()


def _told(record: Any) -> Told:
    try:
        body = json.loads(record.value)
    except ValueError:
        body = record.value
    return Told(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key.decode() if record.key else None,
        headers={name: value.decode() for name, value in record.headers},
        body=body,
    )


def of_batch(number: int, told: Told) -> bool:
    """Whether a record tells of that batch."""
    return bool(own([told]) and told.body["number"] == number)


def newest(timeline: Timeline, topic: Topic) -> int:
    """The highest number of a batch that the topic has told so far; 0 for none."""
    return max((told.body["number"] for told in own(timeline.records(topic))), default=0)


def own(records: Iterable[Told]) -> list[Told]:
    """The records about batches of the first dataset."""
    return [
        told
        for told in records
        if isinstance(told.body, dict) and told.body.get("dataset") == MODEL
    ]

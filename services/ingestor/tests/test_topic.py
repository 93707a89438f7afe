"""Rows of a real Kafka topic: cut by count or by time, each once, also in a new topic."""

import json
import uuid
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from ingestor.sources.port import Due, Parcel
from ingestor.sources.stream import StreamSource
from ingestor.sources.taken import Taken
from ingestor.sources.topic import open_stream
from relevo_contracts import OutageError
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_datasets import Dataset, Source, dataset_named
from relevo_runtime.testing import eventually

LONG = 3600.0


def dataset(topic: str) -> Dataset:
    source = Source(kind="kafka", topic=topic, batch_rows=5)
    return replace(dataset_named("pima"), raw_columns=("n",), source=source)


class Topic:
    """A topic of the test's own, written to in this process."""

    def __init__(self, kafka: str) -> None:
        self.kafka = kafka
        self.name = f"rows-{uuid.uuid4().hex}"
        self.taken = Taken()

    async def make(self) -> None:
        await self._admin("create_topics", [NewTopic(self.name, 2, 1)])

    async def make_anew(self) -> None:
        await self._admin("delete_topics", [self.name])
        await eventually(self._is_gone, "the topic is gone")
        await self.make()

    async def _is_gone(self) -> bool:
        return self.name not in await self._admin("list_topics")

    async def _admin(self, call: str, *arguments: Any) -> Any:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        try:
            return await getattr(admin, call)(*arguments)
        finally:
            await admin.close()

    async def write(self, partition: int, *values: object) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.kafka) as producer:
            for value in values:
                content = value if isinstance(value, bytes) else json.dumps(value).encode()
                await producer.send_and_wait(self.name, content, partition=partition)

    async def next(self, every: float) -> Parcel | Due:
        """A new life's next; a parcel counts as taken."""
        async with open_stream(self.kafka, self.name) as stream:
            source = StreamSource(stream, dataset(self.name), max_bytes=10_000, every=every)
            found = await source.next(self.taken)
        if isinstance(found, Parcel):
            self.taken = self.taken.beside(result_of(found, self.taken.newest + 1))
        return found


def result_of(parcel: Parcel, number: int) -> StageResult:
    return StageResult(
        batch_id=f"pima-{number}",
        dataset="pima",
        number=number,
        stage=Stage.RAW,
        verdict=Verdict.ACCEPTED,
        statistics={
            "source_identity": parcel.identity,
            "source_sha256": parcel.sha256,
            "source_position": parcel.position,
        },
        started_at=parcel.released_at,
        finished_at=parcel.released_at,
    )


def numbers(found: Parcel | Due) -> list[int]:
    assert isinstance(found, Parcel), found
    return sorted(int(json.loads(line)["n"]) for line in found.content.splitlines())


@pytest.fixture
async def topic(kafka: str) -> Topic:
    made = Topic(kafka)
    await made.make()
    return made


@pytest.mark.servers
async def test_rows_are_cut_by_count_then_by_time_and_each_comes_once(topic: Topic) -> None:
    await topic.write(0, *({"n": n} for n in range(4)))
    await topic.write(1, *({"n": n} for n in range(4, 8)))

    full = await topic.next(LONG)
    waiting = await topic.next(LONG)
    rest = await topic.next(0.001)
    nothing = await topic.next(0.001)

    assert len(numbers(full)) == 5
    assert sorted(numbers(full) + numbers(rest)) == list(range(8))
    assert isinstance(waiting, Due)
    assert waiting.why == "3 rows wait"
    assert isinstance(nothing, Due)
    assert isinstance(full, Parcel)
    assert full.identity.startswith(f"{topic.name} 0:0-3 1:0-0")


@pytest.mark.servers
async def test_a_connector_s_envelope_is_opened_and_what_is_no_row_left_out(
    topic: Topic,
) -> None:
    connected = {"schema": {"type": "struct"}, "payload": {"n": 2}}
    await topic.write(0, {"n": 1}, b"garbage", {"m": 1}, connected)

    assert numbers(await topic.next(0.001)) == [1, 2]


@pytest.mark.servers
async def test_a_topic_that_is_made_anew_is_read_from_its_beginning(topic: Topic) -> None:
    await topic.write(0, *({"n": n} for n in range(5)))
    first = await topic.next(LONG)
    await topic.make_anew()
    await topic.write(0, {"n": 9})

    again = await topic.next(0.001)

    assert numbers(first) == list(range(5))
    assert numbers(again) == [9]
    assert isinstance(again, Parcel)
    assert again.identity == f"#1 {topic.name} 0:0-0"


@pytest.mark.servers
async def test_a_topic_that_nobody_made_is_an_outage_with_what_to_do(kafka: str) -> None:
    topic = Topic(kafka)

    with pytest.raises(OutageError, match=r"no topic .* make it"):
        await topic.next(LONG)


async def test_a_kafka_that_is_away_is_an_outage() -> None:
    with pytest.raises(OutageError, match="Kafka is away"):
        await Topic("127.0.0.1:1").next(LONG)

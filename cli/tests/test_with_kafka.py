"""The commands that talk to Kafka, on a real broker."""

import asyncio
import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner, Result

from relevo.app import build_app
from relevo_contracts import BatchRaw, Envelope, Topic
from relevo_contracts.envelope import Headers
from relevo_runtime.kafka.topics import create_topics
from relevo_story.sources.records import Record
from relevo_story.sources.topics import open_reader
from relevo_story.telling import samples

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def broker(kafka: str) -> str:
    """A Kafka with the platform's topics; others may have left messages there."""
    asyncio.run(create_topics(kafka))
    return kafka


@pytest.fixture
def run(broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Run":
    """The command, with the broker known by the environment only."""
    monkeypatch.setenv("RELEVO_KAFKA", broker)
    monkeypatch.setenv("RELEVO_STATE", str(tmp_path / "none"))
    return Run()


class Run:
    """Runs commands in this process, or Kafka's tools in one of their own."""

    def __call__(self, *arguments: str) -> Result:
        result = CliRunner().invoke(build_app(), list(arguments))
        assert result.exit_code == 0, result.stderr
        return result

    def tool(self, *arguments: str, text: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "relevo", "kafka", *arguments],
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=90,
        )


def batch() -> BatchRaw:
    """A batch that no other test knows."""
    return samples.raw(uuid.uuid4().int % 1_000_000)


async def send(
    kafka: str, topic: str, body: bytes, headers: Headers, key: bytes = b"k"
) -> tuple[int, int]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        sent = await producer.send_and_wait(topic, body, key=key, headers=headers)
        return sent.partition, sent.offset
    finally:
        await producer.stop()


async def read(kafka: str, topic: str) -> list[Record]:
    async with open_reader(kafka, [topic]) as reader:
        return await reader.history()


def tell(kafka: str, event: BatchRaw) -> None:
    headers = Envelope.of(event, source="ingestor", cause=event.batch_id).to_headers()
    body = event.model_dump_json().encode()
    asyncio.run(send(kafka, event.topic, body, headers, key=event.key.encode()))


def test_events_tells_every_record_with_its_age_its_facts_and_the_batchs_way(
    broker: str, run: Run
) -> None:
    event = batch()
    tell(broker, event)

    printed = run("events").stdout.splitlines()

    lines = [line for line in printed if f"batch {event.number}" in line]

    assert len(lines) == 1
    assert "batch.raw" in lines[0]
    assert "15,000 rows stored, 0.4 s after its release" in lines[0]
    assert lines[0].endswith("released › raw +0.4 s")


def test_events_as_json_is_one_object_per_record_with_its_envelope(
    broker: str, run: Run
) -> None:
    event = batch()
    tell(broker, event)

    told = [json.loads(line) for line in run("events", "--json").stdout.splitlines()]

    [found] = [
        one for one in told if one.get("event", {}).get("batch_id") == event.batch_id
    ]
    assert found["kind"] == "event"
    assert found["topic"] == "batch.raw"
    assert found["envelope"]["type"] == "relevo.batch.raw.v1"
    assert found["event"] == event.model_dump(mode="json")


def test_events_follows_what_comes(broker: str, run: Run) -> None:
    event = batch()
    following = subprocess.Popen(
        [sys.executable, "-m", "relevo", "events", "--follow", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert following.stdout is not None
        tell(broker, batch())
        first = following.stdout.readline()
        tell(broker, event)
        while event.batch_id not in (line := following.stdout.readline()):
            assert line, "the command ended before the event came"
        assert first
    finally:
        following.send_signal(2)
        assert following.wait(10) == 0
        assert following.stdout is not None
        following.stdout.close()


def test_kafkas_tools_take_their_own_arguments_and_show_headers(
    broker: str, run: Run
) -> None:
    event = batch()
    tell(broker, event)

    topics = run.tool("topics", "--list")
    consumer = run.tool(
        "console-consumer", "--topic", "batch.raw", "--from-beginning", "--timeout-ms",
        "5000", "--formatter-property", "print.headers=true", "--formatter-property",
        "print.key=true",
    )  # fmt: skip

    assert {topic.value for topic in Topic} <= set(topics.stdout.splitlines())
    assert "warning" not in topics.stdout
    [line] = [line for line in consumer.stdout.splitlines() if event.batch_id in line]
    assert "ce_type:relevo.batch.raw.v1" in line
    assert f"ce_subject:{event.batch_id}" in line
    assert event.model_dump_json() in line


def test_a_tools_own_error_and_exit_code_come_through(broker: str, run: Run) -> None:
    result = run.tool("topics", "--describe", "--topic", "no.such.topic")

    assert result.returncode == 1
    assert "no.such.topic" in result.stdout + result.stderr


def test_a_tool_writes_what_it_is_given(broker: str, run: Run) -> None:
    word = uuid.uuid4().hex

    result = run.tool("console-producer", "--topic", "model.served", text=f"{word}\n")

    assert result.returncode == 0, result.stderr
    records = asyncio.run(read(broker, "model.served"))
    assert word.encode() in [record.value for record in records]

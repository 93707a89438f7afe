"""Dead letters on a real Kafka, with a history: listed, shown, sent again, done."""

import asyncio
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner

from relevo.app import build_app
from relevo_contracts import DeadLetter, Topic
from relevo_contracts.envelope import Headers
from relevo_runtime.kafka.topics import create_topics
from relevo_storage import migrate
from relevo_story.sources.records import Record
from relevo_story.sources.topics import open_reader
from relevo_story.telling import samples

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]

BODY = b'{"batch_id": 7, "odd":  "spacing \xc3\xa9"}'
OWN: Headers = [("content-type", b"application/json"), ("ce_id", b"4\xff2")]
Run = Callable[..., str]


@pytest.fixture(scope="module")
def broker(kafka: str) -> str:
    """A Kafka with the platform's topics; others may have left messages there."""
    asyncio.run(create_topics(kafka))
    return kafka


@pytest.fixture(scope="module")
def catalog_url(postgres: str) -> str:
    """An empty catalog."""
    name = f"cli_{uuid.uuid4().hex[:8]}"
    url = f"{postgres.rsplit('/', 1)[0]}/{name}"

    async def make() -> None:
        connection = await asyncpg.connect(postgres)
        await connection.execute(f'CREATE DATABASE "{name}"')
        await connection.close()
        await migrate(url)

    asyncio.run(make())
    return url


@pytest.fixture
def run(
    broker: str, catalog_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """The command, with the addresses known by the environment only."""
    monkeypatch.setenv("RELEVO_KAFKA", broker)
    monkeypatch.setenv("RELEVO_CATALOG_URL", catalog_url)
    monkeypatch.setenv("RELEVO_STATE", str(tmp_path / "none"))

    def dead_letters(*arguments: str, fails: int = 0) -> str:
        result = CliRunner().invoke(build_app(), ["dead-letters", *arguments])
        assert result.exit_code == fails, result.stderr
        return result.stderr if fails else result.stdout

    return dead_letters


def bury(kafka: str, **changes: Any) -> str:
    """Make a dead letter; gives the offset of its place."""
    letter = samples.buried(1, "wrong hash").letter.model_copy(update=changes)

    async def send() -> int:
        producer = AIOKafkaProducer(bootstrap_servers=kafka)
        await producer.start()
        try:
            headers = OWN + letter.to_headers()
            topic = Topic.BATCH_RAW_DEAD
            sent = await producer.send_and_wait(
                topic, BODY, key=b"\x00key", headers=headers
            )
            return int(sent.offset)
        finally:
            await producer.stop()

    return str(asyncio.run(send()))


def records(kafka: str, topic: str) -> list[Record]:
    async def read() -> list[Record]:
        async with open_reader(kafka, [topic]) as reader:
            return await reader.history()

    return asyncio.run(read())


def listed(run: Run, offset: str, *options: str) -> list[dict[str, Any]]:
    told = json.loads(run("list", "--json", *options))
    return [one for one in told if str(one["offset"]) == offset]


def test_dead_letters_are_listed_with_place_origin_and_reason(
    broker: str, run: Run
) -> None:
    reason = f"wrong hash {uuid.uuid4()}"
    offset = bury(broker, reason=reason)

    [found] = listed(run, offset)
    text = " ".join(run("list").split())

    assert (found["topic"], found["partition"]) == ("batch.raw.dead", 0)
    letter = DeadLetter.model_validate(found["letter"])
    assert (letter.topic, letter.partition, letter.offset) == ("batch.raw", 2, 14)
    assert (found["reason"], found["state"]) == (reason, "new")
    assert f"batch.raw.dead 0 {offset}" in text
    assert "batch.raw 2 14" in text
    assert "show | send-again | done TOPIC PARTITION OFFSET" in text


def test_one_is_shown_with_its_headers_and_its_body(broker: str, run: Run) -> None:
    offset = bury(broker)

    text = run("show", "batch.raw.dead", "0", offset)

    assert f"dead letter batch.raw.dead 0 {offset}, new" in text
    assert "ce_id: 4\\xff2" in text
    assert "dead_service: " in text
    assert '"odd": "spacing é"' in text


def test_a_dead_letter_sent_again_is_the_message_as_it_was(broker: str, run: Run) -> None:
    place = f"batch.raw.dead 0 {bury(broker)}"

    planned = run("send-again", place, "--dry-run")
    before = len(records(broker, "batch.raw"))
    told = run("send-again", *place.split(), "--who", "ana", "--why", "mended")

    there = told.split("message ")[1].strip()
    found = records(broker, "batch.raw")
    [again] = [each for each in found if str(each.place) == there]
    assert planned.startswith(f"dead letter {place} would be sent again: wrong hash")
    assert len(found) == before + 1
    assert (again.value, again.key, list(again.headers)) == (BODY, b"\x00key", OWN)
    [marked] = listed(run, place.split()[-1])
    assert marked["story"] == "sent again by ana: on its way (mended)"


def test_all_of_a_reason_are_sent_once_and_done_ones_are_hidden(
    broker: str, run: Run
) -> None:
    reason = f"wrong hash {uuid.uuid4()}"
    offsets = [bury(broker, reason=reason) for _ in range(2)]

    sent = run("send-again", "--all", "--reason", reason.upper()).splitlines()
    nothing = run("send-again", "--all", "--reason", reason)
    run("done", "batch.raw.dead", "0", offsets[0])

    assert len(sent) == 2
    assert nothing.startswith("nothing was sent")
    assert listed(run, offsets[0]) == []
    [hidden] = listed(run, offsets[0], "--all")
    assert hidden["state"] == "done"
    assert len(listed(run, offsets[1])) == 1


@pytest.mark.parametrize(
    ("changes", "offset", "text"),
    [
        ({}, "999999", "there is no dead letter batch.raw.dead 0 999999"),
        (
            {"stage": "fetch", "partition": -1, "offset": -1, "service": "ingestor"},
            None,
            "refused by the ingestor before it became a message",
        ),
    ],
)
def test_what_cannot_be_sent_again_is_told(
    broker: str, run: Run, changes: dict[str, Any], offset: str | None, text: str
) -> None:
    buried_at = bury(broker, **changes)

    told = run("send-again", "batch.raw.dead", "0", offset or buried_at, fails=1)

    assert text in told
    assert len(told.splitlines()) == 1

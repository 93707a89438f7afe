"""A person's hands: roll back, hold, resume, and dead letters, on the running platform."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from relevo_contracts import BatchClean, Envelope, Topic
from relevo_contracts.envelope import Headers
from tests.pipeline.reaching import MODEL, until
from tests.pipeline.running import RunningPlatform
from tests.pipeline.timeline import Timeline

pytestmark = [pytest.mark.platform, pytest.mark.timeout(420)]
SMALL = "pima"
WHY = ("--who", "ana", "--why", "too many false alarms")


@pytest.fixture(scope="module")
def held(platform: RunningPlatform) -> Iterator[str]:
    """The champion's version, once it relieved another, with the trainer kept from it."""
    history = asyncio.run(platform.until_promoted(2, seconds=240))
    platform.relevo("hold", MODEL, *WHY)
    yield history[-1].model_version
    platform.relevo("resume", MODEL)


def send(platform: RunningPlatform, topic: Topic, body: bytes, headers: Headers) -> None:
    """A message by another producer; its key is the small dataset's."""

    async def sent() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=platform.addresses.kafka)
        await producer.start()
        try:
            await producer.send_and_wait(topic, body, key=SMALL.encode(), headers=headers)
        finally:
            await producer.stop()

    asyncio.run(sent())


def told(platform: RunningPlatform, *arguments: str) -> list[dict[str, Any]]:
    """What a command tells programs."""
    answer: list[dict[str, Any]] = json.loads(platform.relevo(*arguments, "--json"))
    return answer


def test_a_rollback_reaches_both_pods_and_says_who_and_why(
    platform: RunningPlatform, timeline: Timeline, held: str
) -> None:
    before = asyncio.run(platform.promotions())
    relieved = before[-1].previous_version

    platform.relevo("rollback", MODEL, *WHY)
    platform.until_served(str(relieved), seconds=20)
    event = timeline.wait_for(
        Topic.MODEL_PROMOTED,
        lambda told: told.body["moved_by"] == "rollback",
        seconds=20,
        what="no promotion says that it was a rollback",
    ).body
    platform.relevo("promote", MODEL, held, *WHY)
    platform.until_served(held, seconds=20)

    assert (event["model"], event["model_version"]) == (MODEL, relieved)
    assert (event["who"], event["why"]) == ("ana", WHY[-1])
    asyncio.run(platform.until_promoted(len(before) + 2, seconds=20))
    entries = told(platform, "history", MODEL)
    promotions = [each for each in entries if each["kind"] == "promotion"]
    assert [each["moved_by"] for each in promotions[-2:]] == ["rollback", "person"]
    assert promotions[0]["moved_by"] == "trainer"
    deeds = [each["what"] for each in entries if each["kind"] == "action"]
    assert deeds[-3:] == ["hold", "rollback", "promote"]


def test_a_held_model_keeps_its_champion_until_somebody_resumes(
    platform: RunningPlatform, timeline: Timeline
) -> None:
    cleaned = timeline.wait_for(
        Topic.BATCH_CLEAN,
        lambda told: bool(told.body["dataset"] == SMALL),
        seconds=180,
        what=f"no batch of {SMALL} was cleaned",
    )
    platform.relevo("hold", SMALL, *WHY)
    kept = verdict_on_one_more(platform, BatchClean.model_validate(cleaned.body))
    platform.relevo("resume", SMALL)
    free = verdict_on_one_more(platform, BatchClean.model_validate(cleaned.body))

    assert kept["verdict"] == "kept"
    assert kept["reason"].startswith("held by ana since ")
    assert "too many false alarms; would have been " in kept["reason"]
    assert not free["reason"].startswith("held")


def verdict_on_one_more(platform: RunningPlatform, clean: BatchClean) -> dict[str, Any]:
    """The verdict on the same rows as a batch of another name."""
    number = uuid.uuid4().int % 10**9
    batch_id = f"{SMALL}-{number}"
    batch = clean.model_copy(update={"batch_id": batch_id, "number": number})
    headers = Envelope.of(batch, source="test", cause=batch_id).to_headers()
    send(platform, Topic.BATCH_CLEAN, batch.model_dump_json().encode(), headers)

    def training() -> dict[str, Any] | None:
        batches = json.loads(platform.relevo("status", "--json"))["batches"]
        return next((b["training"] for b in batches if b["batch_id"] == batch_id), None)

    until(lambda: training() is not None, seconds=120, what=f"no verdict on {batch_id}")
    return training() or {}


def test_a_dead_letter_is_shown_sent_again_and_done_with(
    platform: RunningPlatform,
) -> None:
    word = uuid.uuid4().hex
    send(platform, Topic.BATCH_RAW, json.dumps({"word": word}).encode(), [])

    def letters(*options: str) -> list[dict[str, Any]]:
        return [
            letter
            for letter in told(platform, "dead-letters", "list", *options)
            if word in letter["body"]
        ]

    until(lambda: len(letters()) == 1, seconds=60, what="no dead letter")
    place = [str(letters()[0][part]) for part in ("topic", "partition", "offset")]
    shown = platform.relevo("dead-letters", "show", *place)
    planned = platform.relevo("dead-letters", "send-again", "--all", "--dry-run")
    platform.relevo("dead-letters", "send-again", *place, *WHY)
    until(lambda: len(letters()) == 2, seconds=60, what="it did not die again")
    first, second = letters()
    for each in (first, second):
        at = [str(each[part]) for part in ("topic", "partition", "offset")]
        platform.relevo("dead-letters", "done", *at, *WHY)

    assert "no CloudEvents headers" in shown
    assert word in shown
    assert f"dead letter {' '.join(place)} would be sent again" in planned
    assert (first["state"], second["state"]) == ("died again", "new")
    assert f"died again as batch.raw.dead 0 {second['offset']}" in first["story"]
    assert letters() == []
    assert [each["state"] for each in letters("--all")] == ["done", "done"]

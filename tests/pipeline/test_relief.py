"""The main story on real data, told in order: batches, promotions, swaps, faults."""

import hashlib
import json
import time

import httpx
import pytest
from mlflow import MlflowClient

from relevo_contracts import Topic
from relevo_contracts.results import Stage, Verdict
from relevo_storage import open_store
from tests.pipeline.reaching import MODEL, until, until_in_training
from tests.pipeline.running import RunningPlatform
from tests.pipeline.timeline import Timeline, newest, of_batch, own

pytestmark = [pytest.mark.platform, pytest.mark.timeout(900)]
BATCHES = 7


@pytest.fixture(scope="module")
def pids_at_start(platform: RunningPlatform) -> dict[str, int]:
    return {pod: platform.pid(pod) for pod in platform.pods()}


def served_by(timeline: Timeline, version: str) -> set[str]:
    """The pods that told that they swapped to the version."""
    return {
        told.body["pod"]
        for told in timeline.records(Topic.MODEL_SERVED)
        if (told.body["model"], told.body["model_version"]) == (MODEL, version)
        and told.body["outcome"] == "served"
    }


def test_the_first_batch_becomes_a_model_that_answers_on_both_pods(
    platform: RunningPlatform, timeline: Timeline, pids_at_start: dict[str, int]
) -> None:
    timeline.wait_for(
        Topic.MODEL_PROMOTED,
        lambda told: bool(told.body["model"] == MODEL),
        seconds=180,
        what="no model was promoted",
    )
    platform.until_served("1", seconds=30)

    answer = platform.predict(platform.addresses.inference[0])
    assert answer["prediction"] in {0, 1}
    assert 0 < answer["probability"] < 1
    assert answer["model_name"] == MODEL
    assert len(pids_at_start) == 2


async def test_a_cleaner_killed_in_the_middle_of_a_batch_cleans_it_once(
    platform: RunningPlatform, timeline: Timeline
) -> None:
    number = newest(timeline, Topic.BATCH_RAW) + 1
    timeline.wait_for(
        Topic.BATCH_RAW,
        lambda told: of_batch(number, told),
        seconds=90,
        what=f"batch {number} was not taken",
    )
    platform.kill("cleaner")
    timeline.wait_for(
        Topic.BATCH_CLEAN,
        lambda told: of_batch(number, told),
        seconds=60,
        what=f"batch {number} was not cleaned after the cleaner came back",
    )

    ids = {
        told.headers["ce_id"]
        for told in timeline.records(Topic.BATCH_CLEAN)
        if of_batch(number, told)
    }
    assert len(ids) == 1


def test_work_waits_while_the_store_is_away_and_nothing_is_given_up(
    platform: RunningPlatform, timeline: Timeline
) -> None:
    number = newest(timeline, Topic.BATCH_RAW) + 1
    platform.freeze("seaweedfs")
    try:
        away_until = time.monotonic() + 20
        until(lambda: time.monotonic() > away_until, seconds=25, what="time stands still")
        assert newest(timeline, Topic.BATCH_RAW) == number - 1
    finally:
        platform.thaw("seaweedfs")
    timeline.wait_for(
        Topic.BATCH_CLEAN,
        lambda told: of_batch(number, told),
        seconds=120,
        what=f"batch {number} was not cleaned after the store came back",
    )

    assert timeline.records(Topic.BATCH_RAW_DEAD) == []
    assert timeline.records(Topic.BATCH_CLEAN_DEAD) == []


async def test_a_trainer_killed_in_the_middle_of_training_trains_the_batch_once(
    platform: RunningPlatform,
) -> None:
    client = MlflowClient(platform.addresses.mlflow)
    number = until_in_training(client, seconds=90)
    platform.kill("trainer")
    assert len(await platform.results(Stage.TRAINED)) < number, "killed too late"

    await platform.until_trained(number, seconds=150)


def test_a_better_model_relieves_the_first_by_an_event_and_no_process_restarts(
    platform: RunningPlatform, timeline: Timeline, pids_at_start: dict[str, int]
) -> None:
    told = timeline.wait_for(
        Topic.MODEL_PROMOTED,
        lambda told: (told.body["model"], told.body["previous_version"]) == (MODEL, "1"),
        seconds=200,
        what="no batch gave a better model",
    )
    version = told.body["model_version"]
    until(
        lambda: served_by(timeline, version) == set(pids_at_start),
        seconds=30,
        what=f"not every pod served version {version}",
    )
    assert {pod: platform.pid(pod) for pod in platform.pods()} == pids_at_start


def test_kafka_postgres_and_mlflow_killed_at_once_come_back_by_themselves(
    platform: RunningPlatform, timeline: Timeline
) -> None:
    number = newest(timeline, Topic.BATCH_RAW) + 1
    if number <= BATCHES:
        timeline.wait_for(
            Topic.BATCH_RAW,
            lambda told: of_batch(number, told),
            seconds=90,
            what=f"batch {number} was not taken",
        )
    servers = ("kafka", "postgres", "mlflow")
    before = {name: platform.pid(name) for name in servers}
    for name in servers:
        platform.kill(name)

    until(
        lambda: platform.are_ready() and all(platform.pid(n) != before[n] for n in servers),
        seconds=90,
        what=lambda: f"not every server came back:\n{platform.told()}",
    )


async def test_every_batch_ends_once_with_one_object_one_verdict_and_one_promotion(
    platform: RunningPlatform, timeline: Timeline
) -> None:
    await platform.until_trained(BATCHES, seconds=150)

    for topic in (Topic.BATCH_RAW, Topic.BATCH_CLEAN):
        ids = {told.headers["ce_id"] for told in own(timeline.records(topic))}
        assert len(ids) == BATCHES, f"{topic} tells of {len(ids)} batches"
    clean, trained = [await platform.results(s) for s in (Stage.CLEAN, Stage.TRAINED)]
    assert [result.number for result in clean] == list(range(1, BATCHES + 1))
    assert [result.number for result in trained] == list(range(1, BATCHES + 1))
    won = sum(result.verdict is Verdict.PROMOTED for result in trained)
    history = await platform.until_promoted(won, seconds=30)
    assert len(history) == won
    assert len({entry.model_version for entry in history}) == won


def test_a_moved_alias_reaches_both_pods_and_going_back_is_the_same_path(
    platform: RunningPlatform,
) -> None:
    client = MlflowClient(platform.addresses.mlflow)
    champion = str(client.get_model_version_by_alias(MODEL, "champion").version)
    for version in ("1", champion):
        client.set_registered_model_alias(MODEL, "champion", version)
        platform.until_served(version, seconds=20)


def test_a_killed_pod_learns_the_champion_again_from_kafka_and_the_store_alone(
    platform: RunningPlatform,
) -> None:
    version = platform.versions()[0]
    platform.freeze("mlflow")
    try:
        platform.kill("pod-1")
        until(
            lambda: platform.versions() == [version, version],
            seconds=60,
            what=f"the pod does not answer with version {version}",
        )
    finally:
        platform.thaw("mlflow")


def test_an_event_that_does_not_parse_becomes_a_dead_letter_and_blocks_nothing(
    platform: RunningPlatform, timeline: Timeline
) -> None:
    produce = ["kafka", "console-producer", "--topic", Topic.BATCH_RAW.value]
    platform.relevo_with_input("this is no event\n", *produce)
    dead = timeline.wait_for(
        Topic.BATCH_RAW_DEAD, lambda _: True, seconds=60, what="no dead letter"
    )

    assert dead.body == b"this is no event"
    assert dead.headers["dead_topic"] == Topic.BATCH_RAW
    assert dead.headers["dead_stage"] == "parse"
    assert int(dead.headers["dead_offset"]) >= 0
    listed = json.loads(platform.relevo("dead-letters", "list", "--json"))
    assert len(listed) == 1


@pytest.mark.parametrize("topic", [Topic.BATCH_RAW, Topic.BATCH_CLEAN, Topic.MODEL_SERVED])
def test_kafkas_console_shows_events_that_a_person_can_read(
    platform: RunningPlatform, topic: Topic
) -> None:
    options = ["--from-beginning", "--formatter-property", "print.headers=true"]
    printed = platform.relevo(
        "kafka", "console-consumer", "--topic", topic.value, *options, "--max-messages", "1"
    )

    assert f"ce_type:relevo.{topic.value}.v1" in printed
    assert '"version":1' in printed


def test_wrong_input_is_answered_with_the_field_and_what_is_allowed(
    platform: RunningPlatform,
) -> None:
    answer = httpx.post(
        f"{platform.addresses.inference[1]}/predict", json={"gender": 7, "agee": "x"}
    )

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "gender" in answer.text
    assert "agee" in answer.text


async def test_every_object_that_an_event_names_is_there_byte_for_byte(
    platform: RunningPlatform, timeline: Timeline
) -> None:
    s3 = platform.addresses.s3
    async with open_store(s3.settings) as store:
        for told in timeline.records(Topic.BATCH_CLEAN):
            table = told.body["table"]
            content = await store.get(table["key"])
            assert hashlib.sha256(content).hexdigest() == table["sha256"]

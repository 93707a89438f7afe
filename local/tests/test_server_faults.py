"""The real servers under the supervisor: killed, started twice, without their port."""

import asyncio
import io
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import psycopg2
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from minio import Minio

from relevo_contracts import Topic
from relevo_local.composition import whole_platform
from relevo_local.places.addresses import Addresses, S3Address
from relevo_local.platform import AlreadyRunning, Options, Platform
from relevo_local.reports import Report, Reporter
from relevo_local.servers.kafka_tools import kafka_tool
from relevo_local.supervising.parts import Plan
from relevo_local.supervising.processes import ProcessStatus, read_processes

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]
SERVERS = ("kafka", "postgres", "seaweedfs", "mlflow")


def platform_on(
    state: Path, told: list[Report], servers: Sequence[str] = SERVERS
) -> Platform:
    def compose(options: Options, report: Reporter) -> Plan:
        plan = whole_platform(options, report)
        parts = [part for part in plan.parts if part.name in servers]
        return replace(plan, parts=parts, chores=())

    # Usual ports of this test's own: a person's platform may have 5000 and 8000.
    options = Options(state=state, mlflow_port=25_000, data_api_port=25_001)
    return Platform(options, told.append, compose)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def addresses(state: Path) -> Iterator[Addresses]:
    platform = platform_on(state, [])
    yield platform.start()
    platform.stop()


def test_kafka_comes_back_with_its_messages(state: Path, addresses: Addresses) -> None:
    asyncio.run(_publish(addresses.kafka, b"before"))
    kill_and_wait(state, "kafka")
    asyncio.run(_publish(addresses.kafka, b"after"))
    assert asyncio.run(_read(addresses.kafka, count=2)) == [b"before", b"after"]


def test_postgres_comes_back_with_its_rows(state: Path, addresses: Addresses) -> None:
    _sql(addresses, "CREATE TABLE kept (what text); INSERT INTO kept VALUES ('row')")
    kill_and_wait(state, "postgres")
    assert _sql(addresses, "SELECT what FROM kept") == [("row",)]


def test_the_s3_server_comes_back_with_its_objects(
    state: Path, addresses: Addresses
) -> None:
    client = _client(addresses.s3)
    client.put_object("batches", "kept", io.BytesIO(b"content"), 7)
    kill_and_wait(state, "seaweedfs")
    with closing(client.get_object("batches", "kept")) as answer:
        assert answer.read() == b"content"


def test_mlflow_comes_back_with_its_experiments(state: Path, addresses: Addresses) -> None:
    api = f"{addresses.mlflow}/api/2.0/mlflow/experiments"
    httpx.post(f"{api}/create", json={"name": "kept"}, timeout=30).raise_for_status()
    kill_and_wait(state, "mlflow")
    query = {"experiment_name": "kept"}
    assert httpx.get(f"{api}/get-by-name", params=query, timeout=30).status_code == 200


def test_a_second_start_is_refused_before_kafkas_folder_is_touched(
    state: Path, addresses: Addresses
) -> None:
    configuration = state / "kafka" / "server.properties"
    before, broker = configuration.stat().st_mtime_ns, status(state, "kafka").pid

    with pytest.raises(AlreadyRunning, match=str(os.getpid())):
        platform_on(state, []).start()

    assert configuration.stat().st_mtime_ns == before
    assert status(state, "kafka").pid == broker
    asyncio.run(_publish(addresses.kafka, b"still there", topic=Topic.BATCH_RAW))


def test_kafkas_own_tools_talk_to_the_broker_that_runs(
    state: Path, addresses: Addresses
) -> None:
    command = kafka_tool(state, "topics", ["--list"])
    done = subprocess.run(
        command.arguments,
        env=dict(command.environment),
        capture_output=True,
        text=True,
        check=True,
    )
    assert {topic.value for topic in Topic} <= set(done.stdout.split())
    assert done.stderr == ""


def test_keys_and_passwords_are_for_the_owner_alone(
    state: Path, addresses: Addresses
) -> None:
    secrets = (addresses.s3.secret_key, addresses.catalog_url.split(":")[2].split("@")[0])
    held = [
        path
        for path in state.rglob("*")
        if path.is_file()
        and path.suffix in {".json", ".log", ".properties"}
        and any(secret in path.read_text(errors="replace") for secret in secrets)
    ]
    assert {path.name for path in held} == {"addresses.json", "secrets.json"}
    assert {path.stat().st_mode & 0o077 for path in held} == {0}


def test_a_restart_keeps_addresses_and_data_and_replaces_a_taken_port(
    tmp_path: Path,
) -> None:
    told: list[Report] = []
    first = platform_on(tmp_path, told, SERVERS[:3])  # MLflow keeps nothing itself
    before = first.start()
    pids = _all_pids(tmp_path)
    asyncio.run(_publish(before.kafka, b"kept"))
    began = time.monotonic()
    first.stop()
    assert time.monotonic() - began < 10
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []

    port = int(before.kafka.split(":")[1])
    second = platform_on(tmp_path, told, SERVERS[:3])
    with socket.create_server(("127.0.0.1", port)):
        after = second.start()
    try:
        assert asyncio.run(_read(after.kafka, count=1)) == [b"kept"]
    finally:
        second.stop()

    assert after.kafka != before.kafka
    assert after.model_copy(update={"kafka": before.kafka}) == before
    assert any(f"port {port} is taken" in report.text for report in told)


def kill_and_wait(state: Path, name: str) -> None:
    """Kill a server and wait until it is ready again."""
    before = status(state, name)
    assert before.pid is not None
    os.kill(before.pid, signal.SIGKILL)
    eventually(lambda: status(state, name).restarts == before.restarts + 1)
    eventually(lambda: status(state, name).state == "ready", seconds=90)


def status(state: Path, name: str) -> ProcessStatus:
    return next(row for row in read_processes(state) if row.name == name)


def eventually(what: Callable[[], object], *, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def _all_pids(state: Path) -> list[int]:
    roots = [psutil.Process(row.pid) for row in read_processes(state) if row.pid]
    return [
        process.pid for root in roots for process in (root, *root.children(recursive=True))
    ]


async def _publish(kafka: str, value: bytes, topic: Topic = Topic.MODEL_SERVED) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def _read(kafka: str, *, count: int) -> list[bytes | None]:
    consumer = AIOKafkaConsumer(
        Topic.MODEL_SERVED.value, bootstrap_servers=kafka, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        async with asyncio.timeout(30):
            return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


def _sql(addresses: Addresses, query: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(addresses.catalog_url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall() if cursor.description else []


def _client(s3: S3Address) -> Minio:
    return Minio(
        s3.endpoint_url.removeprefix("http://"),
        access_key=s3.access_key,
        secret_key=s3.secret_key,
        secure=False,
        region="us-east-1",
    )

"""The four real servers do what the platform and other tests expect of them."""

import io
import subprocess
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

import httpx
import psutil
import psycopg2
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from minio import Minio
from minio.error import S3Error

from relevo_local.places.addresses import S3Address
from relevo_local.places.ports import free_ports
from relevo_local.servers import SeaweedFS
from relevo_local.servers.seaweedfs import PORTS, buckets_of, weed
from relevo_local.settings import inherited_environment
from relevo_local.supervising.starting import running

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]


async def test_kafka_takes_a_topic_as_soon_as_it_is_ready(kafka: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic("ready.at.once", 3, 1)])
        topics = await admin.list_topics()
    finally:
        await admin.close()
    assert [error[1] for error in answer.topic_errors] == [0]
    assert "ready.at.once" in topics


def test_postgres_has_both_databases(postgres: str) -> None:
    for database in ("catalog", "mlflow"):
        url = postgres.rsplit("/", 1)[0] + f"/{database}"
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            assert cursor.fetchone() == (database,)


def test_postgres_refuses_a_wrong_password(postgres: str) -> None:
    address = postgres.split("@", 1)[1]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(f"postgresql://relevo:wrong@{address}")


def test_s3_has_both_buckets_and_gives_back_what_was_put(s3: S3Address) -> None:
    client = _client(s3, s3.secret_key)
    client.put_object("batches", "test/one", io.BytesIO(b"content"), 7)
    with closing(client.get_object("batches", "test/one")) as answer:
        assert answer.read() == b"content"
    assert buckets_of(s3) >= {"batches", "mlflow"}


def test_s3_refuses_a_wrong_key(s3: S3Address) -> None:
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        list(_client(s3, "wrong").list_objects("batches"))


def test_no_door_of_the_s3_server_takes_an_object_from_a_stranger(s3: S3Address) -> None:
    """Its filer, master and volume servers have HTTP ports of their own beside S3's."""
    payload = {"file": ("x", b"from a stranger")}
    answers = []
    for port in _listening_ports_of(s3):
        for path in ("/buckets/batches/stranger", "/submit", "/dir/assign"):
            try:
                answer = httpx.post(
                    f"http://127.0.0.1:{port}{path}", files=payload, timeout=5
                )
            except httpx.HTTPError:
                continue  # a gRPC port
            answers.append((port, path, answer.status_code, answer.text))
    assert answers
    taken = [a for a in answers if a[1].startswith("/buckets") and a[2] < 300]
    assert taken == []
    keys = [item.object_name for item in _client(s3, s3.secret_key).list_objects("batches")]
    assert "stranger" not in keys


def test_the_s3_servers_own_shell_deletes_nothing_for_a_stranger(tmp_path: Path) -> None:
    """Its parts talk by gRPC, which knows no S3 keys."""
    server = SeaweedFS(tmp_path, tuple(free_ports(PORTS)))
    with running(server, tmp_path / "log"):
        client = _client(server.address, server.address.secret_key)
        client.put_object("batches", "kept", io.BytesIO(b"content"), 7)
        (ours,) = server.prepare()

        _shell(server, inherited_environment())
        assert client.stat_object("batches", "kept").size == 7

        _shell(server, ours.environment)  # so it would have worked with the certificate
        with pytest.raises(S3Error, match="NoSuchKey"):
            client.stat_object("batches", "kept")


def test_mlflow_keeps_a_run_and_proxies_its_artifacts(mlflow_url: str) -> None:
    place = f"{mlflow_url}/api/2.0/mlflow-artifacts/artifacts/test/file"
    httpx.put(place, content=b"bytes", timeout=60).raise_for_status()
    assert httpx.get(place, timeout=60).content == b"bytes"
    created = httpx.post(
        f"{mlflow_url}/api/2.0/mlflow/experiments/create", json={"name": "one"}, timeout=60
    )
    assert created.json()["experiment_id"]


def test_mlflow_takes_a_webhook_to_the_loopback_address(mlflow_url: str) -> None:
    body = {
        "name": "watch",
        "url": "http://127.0.0.1:9/hook",
        "events": [{"entity": "MODEL_VERSION_ALIAS", "action": "CREATED"}],
        "secret": "s",
    }
    answer = httpx.post(f"{mlflow_url}/api/2.0/mlflow/webhooks", json=body, timeout=60)
    assert answer.status_code == 200, answer.text


def _shell(server: SeaweedFS, environment: Mapping[str, str]) -> None:
    """Ask SeaweedFS's administration shell to delete the object; it waits if refused."""
    master, filer = (f"127.0.0.1:{server.ports[i]}.{server.ports[i + 1]}" for i in (2, 6))
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(
            [weed(), "shell", f"-master={master}", f"-filer={filer}"],
            input=b"fs.rm /buckets/batches/kept\nexit\n",
            env=dict(environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=6,
        )


def _client(s3: S3Address, secret_key: str) -> Minio:
    return Minio(
        s3.endpoint_url.removeprefix("http://"),
        access_key=s3.access_key,
        secret_key=secret_key,
        secure=False,
        region="us-east-1",
    )


def _listening_ports_of(s3: S3Address) -> list[int]:
    """Every port that the S3 server's process listens on; each has to be on loopback."""
    own = int(s3.endpoint_url.rsplit(":", 1)[1])
    listening = [
        (connection.laddr, connection.pid)
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr
    ]
    process = next(pid for door, pid in listening if door.port == own)
    doors = [door for door, pid in listening if pid == process]
    assert {door.ip for door in doors} == {"127.0.0.1"}
    return [door.port for door in doors]

"""One platform for all claims about the pipeline, in the order in which they are made."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.observability.programs import has_prometheus
from tests.observability.running import Prometheus, running_prometheus
from tests.pipeline.reaching import MODEL
from tests.pipeline.running import RunningPlatform
from tests.pipeline.strangers import write_table
from tests.pipeline.timeline import Timeline

OTHERS = ("pima", "covertype", "subscribers")
"""Beside the first dataset: two that ship, and a stranger's own."""
INTERVAL_SECONDS = 25.0
"""Between two batches: long enough for a loaded machine to finish one before the next."""


@pytest.fixture(scope="session")
def aws() -> Iterator[dict[str, str]]:
    """An AWS of one's own, with the machine of the source: what is told of them."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    account = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    machine = started_machine(account)
    now = datetime.now(UTC)
    wakes, sleeps = now - timedelta(hours=1), now + timedelta(hours=12)
    yield account | {
        "INGESTOR_SOURCE_INSTANCE": machine,
        "INGESTOR_SOURCE_SCHEDULE": f"{wakes:%H:%M}-{sleeps:%H:%M} UTC",
    }
    server.stop()


def started_machine(account: dict[str, str]) -> str:
    """The id of a machine that runs in this account."""
    ec2 = boto3.client(
        "ec2",
        endpoint_url=account["AWS_ENDPOINT_URL"],
        aws_access_key_id=account["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=account["AWS_SECRET_ACCESS_KEY"],
        region_name=account["AWS_DEFAULT_REGION"],
    )
    image = ec2.describe_images()["Images"][0]["ImageId"]
    started = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)
    return str(started["Instances"][0]["InstanceId"])


@pytest.fixture(scope="session")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a stranger's table and what `relevo dataset new` made of it."""
    folder = tmp_path_factory.mktemp("declared")
    table = write_table(folder / "subscribers.csv")
    command = [sys.executable, "-m", "relevo", "dataset", "new", str(table)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def platform(
    tmp_path_factory: pytest.TempPathFactory, aws: dict[str, str], declared: Path
) -> Iterator[RunningPlatform]:
    """The platform, started as `make run` starts it, with a source that has a plan."""
    running = RunningPlatform(
        tmp_path_factory.mktemp("platform") / "state",
        interval=INTERVAL_SECONDS,
        datasets=(MODEL, *OTHERS),
        environment=aws | {"RELEVO_DATASETS": str(declared)},
    )
    yield running
    if running.command.poll() is None:
        running.stop()


@pytest.fixture(scope="session", autouse=True)
def watching(
    platform: RunningPlatform, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus | None]:
    """A Prometheus that looks on from the beginning; None where there is none to run."""
    if not has_prometheus():
        yield None
        return
    folder = tmp_path_factory.mktemp("prometheus") / "state"
    targets = platform.state / "prometheus-targets.json"
    with running_prometheus(folder, targets, platform.addresses.catalog_url) as prometheus:
        yield prometheus


@pytest.fixture(scope="module")
def timeline(platform: RunningPlatform) -> Iterator[Timeline]:
    """Every record of every topic."""
    with Timeline(platform.addresses.kafka) as timeline:
        yield timeline

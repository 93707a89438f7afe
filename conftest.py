"""Real servers for the tests that are about servers: each started once, when asked for."""

import os
import signal
from collections.abc import Iterator

import pytest

from relevo_local.servers import (
    S3Address,
    running_kafka,
    running_mlflow,
    running_postgres,
    running_seaweedfs,
)


def pytest_configure() -> None:
    """As in the trainer: threads that spin while they wait make fits many times slower."""
    os.putenv("OMP_WAIT_POLICY", "PASSIVE")  # OpenMP reads it when it is loaded


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """Ctrl-C reaches the programs that tests start.

    A script that runs in the background ignores SIGINT, and its children inherit that.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap servers of an Apache Kafka; use topics and groups of your own."""
    with running_kafka(tmp_path_factory.mktemp("kafka")) as bootstrap_servers:
        yield bootstrap_servers


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL; make a database of your own."""
    with running_postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Address]:
    """An S3 server with its keys; use keys of your own."""
    with running_seaweedfs(tmp_path_factory.mktemp("s3")) as address:
        yield address


@pytest.fixture(scope="session")
def mlflow_url(
    tmp_path_factory: pytest.TempPathFactory, postgres: str, s3: S3Address
) -> Iterator[str]:
    """The URL of an MLflow server; use experiments and models of your own."""
    with running_mlflow(tmp_path_factory.mktemp("mlflow"), postgres, s3) as url:
        yield url

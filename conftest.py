"""Real servers for the tests that are about servers: each started once, when asked for."""

import gc
import os
import signal
from collections.abc import Iterator

import pytest
import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from xdist.scheduler import LoadScopeScheduling

from relevo_local.servers import (
    S3Address,
    running_kafka,
    running_mlflow,
    running_postgres,
    running_seaweedfs,
)

# As in the trainer: threads that spin while they wait make fits many times slower. OpenMP
# reads it when it is loaded, which the conftest of a member may do.
os.putenv("OMP_WAIT_POLICY", "PASSIVE")

FIT_ONCE = ("services/trainer/", "tests/meaning/")
"""Folders with models that are fitted once for all of their tests."""


def pytest_configure() -> None:
    """Tracebacks in logs are plain: painted with all their variables they take seconds."""
    *others, _ = structlog.get_config()["processors"]
    plain = ConsoleRenderer(exception_formatter=plain_traceback)
    structlog.configure(processors=[*others, plain])


class Sharing(LoadScopeScheduling):  # type: ignore[misc]
    """A file's tests stay in one process, those that share models all together."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in FIT_ONCE if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Sharing:
    """With -n: which tests go to which process."""
    return Sharing(config, log)


def pytest_collection_finish() -> None:
    """What the tests have imported, garbage collectors need not look at again and again."""
    gc.collect()
    gc.freeze()


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

"""The servers that this folder's tests share: started once, stopped at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from relevo_local.addresses import S3Address
from relevo_local.servers import (
    running_kafka,
    running_mlflow,
    running_postgres,
    running_seaweedfs,
)


@pytest.fixture(scope="session")
def servers_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="session")
def kafka(servers_folder: Path) -> Iterator[str]:
    with running_kafka(servers_folder / "kafka") as bootstrap_servers:
        yield bootstrap_servers


@pytest.fixture(scope="session")
def postgres(servers_folder: Path) -> Iterator[str]:
    with running_postgres(servers_folder / "postgres") as url:
        yield url


@pytest.fixture(scope="session")
def s3(servers_folder: Path) -> Iterator[S3Address]:
    with running_seaweedfs(servers_folder / "seaweedfs") as address:
        yield address


@pytest.fixture(scope="session")
def mlflow(servers_folder: Path, postgres: str, s3: S3Address) -> Iterator[str]:
    with running_mlflow(servers_folder / "mlflow", postgres, s3) as url:
        yield url

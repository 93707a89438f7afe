"""A warehouse over files of a folder: the real DuckDB, without PostgreSQL and S3."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from relevo_sql import Limits, Warehouse
from relevo_sql.samples import Folder, Stages


@pytest.fixture
def stages(tmp_path: Path) -> Stages:
    return Stages(tmp_path)


@pytest.fixture
def warehouse(stages: Stages) -> Iterator[Warehouse]:
    folder, limits = Folder(stages.folder), Limits(seconds=20, memory="200MB")
    with Warehouse(stages, folder, datasets=["my-set"], limits=limits) as it:
        yield it

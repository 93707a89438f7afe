"""A backup and a restore of real servers: all comes back, or nothing changes."""

import io
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from relevo_local.keeping import objects
from relevo_local.keeping.backup import backup
from relevo_local.keeping.errors import KeepingError
from relevo_local.keeping.manifest import FILE
from relevo_local.keeping.restore import restore
from relevo_local.keeping.servers import Holders, started
from relevo_local.reports import Report, silent
from relevo_local.servers.seaweedfs import client_of

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]
KEYS = ("raw/a/1.parquet", "reports/a b/ü.json")


def rows(holders: Holders, database: str, query: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(holders.database(database))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall() if cursor.description else []


def read(holders: Holders, key: str) -> bytes:
    with closing(client_of(holders.s3).get_object("batches", key)) as answer:
        return bytes(answer.read())


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of two databases and two objects."""
    folder = tmp_path_factory.mktemp("kept")
    state = folder / "state"
    with started(state, silent) as holders:
        for database in ("catalog", "mlflow"):
            rows(holders, database, "CREATE TABLE kept (what text)")
            rows(holders, database, "INSERT INTO kept VALUES (current_database())")
        for key in KEYS:
            client_of(holders.s3).put_object("batches", key, io.BytesIO(b"content"), 7)
    (state / "work" / "data-api").mkdir(parents=True)
    (state / "work" / "data-api" / "a.json").write_text("{}")
    backup(state, folder / "backup", silent)
    return folder


def as_it_was(holders: Holders) -> bool:
    return {
        name: rows(holders, name, "SELECT what FROM kept") for name in ("catalog", "mlflow")
    } == {"catalog": [("catalog",)], "mlflow": [("mlflow",)]} and all(
        read(holders, key) == b"content" for key in KEYS
    )


def test_a_restore_brings_back_rows_objects_and_the_plan_of_the_source(
    kept: Path, tmp_path: Path
) -> None:
    told: list[Report] = []

    manifest = restore(tmp_path / "new", kept / "backup", told.append, replace=False)

    assert (manifest.objects, manifest.bytes) == (2, 14)
    assert (tmp_path / "new" / "work" / "data-api" / "a.json").read_text() == "{}"
    with started(tmp_path / "new", silent) as holders:
        assert as_it_was(holders)
    assert (2, 2) in [report.counted for report in told]
    assert list(tmp_path.iterdir()) == [tmp_path / "new"], "nothing is left beside it"


def test_a_backup_is_for_its_owner_alone_and_holds_no_key_of_a_server(
    kept: Path,
) -> None:
    folder = kept / "backup"
    names = {str(path.relative_to(folder)) for path in folder.rglob("*")}

    assert folder.stat().st_mode & 0o077 == 0
    assert {"catalog.dump", "mlflow.dump", FILE, objects.SUMS} <= names
    assert not any("postgres" in name or "seaweedfs" in name for name in names)


def test_a_folder_with_data_is_replaced_only_when_that_is_said(
    kept: Path, tmp_path: Path
) -> None:
    with started(tmp_path / "state", silent) as holders:
        rows(holders, "catalog", "CREATE TABLE other ()")

    with pytest.raises(KeepingError, match="--replace"):
        restore(tmp_path / "state", kept / "backup", silent, replace=False)
    with started(tmp_path / "state", silent) as holders:
        rows(holders, "catalog", "SELECT FROM other")
    restore(tmp_path / "state", kept / "backup", silent, replace=True)

    with started(tmp_path / "state", silent) as holders:
        assert as_it_was(holders)


def test_a_backup_that_was_damaged_is_refused_and_nothing_changes(
    kept: Path, tmp_path: Path
) -> None:
    file = kept / "backup" / objects.FOLDER / "batches" / KEYS[0]
    file.write_bytes(b"damaged")
    try:
        with pytest.raises(KeepingError, match="is not what was backed up"):
            restore(tmp_path / "new", kept / "backup", silent, replace=False)
    finally:
        file.write_bytes(b"content")

    assert list(tmp_path.iterdir()) == []

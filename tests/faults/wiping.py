"""What is kept is lost, or is again what it was a while ago: the data, not the server."""

import shutil
from contextlib import closing
from pathlib import Path

import psycopg2
from minio.deleteobjects import DeleteObject
from psycopg2 import sql

from relevo_local.platform import S3Address
from relevo_local.servers.seaweedfs import client_of
from tests.faults.platform import Faulty


def lose(faulty: Faulty, what: str) -> None:
    """Everything of it is gone, as by a volume that was removed; its server starts anew.

    what: kafka, postgres or seaweedfs with all that they hold; catalog or mlflow: of
    PostgreSQL only that database, and of mlflow its files in the store too.
    """
    if what in {"catalog", "mlflow"}:
        _drop(faulty, what)
    else:
        faulty.take_away(what)
        _remove(faulty.state / what)
        faulty.bring_back(what)


def copy(faulty: Faulty, what: str, to: Path) -> None:
    """Keep what a server holds now."""
    faulty.take_away(what)
    shutil.copytree(faulty.state / what / "data", to, symlinks=True)
    faulty.bring_back(what)


def restore(faulty: Faulty, what: str, copied: Path) -> None:
    """Let the server hold what it held then; what came later is gone."""
    data = faulty.state / what / "data"
    owner = data.stat()
    faulty.take_away(what)
    shutil.rmtree(data)
    shutil.copytree(copied, data, symlinks=True)
    for path in (data, *data.rglob("*")):
        shutil.chown(path, owner.st_uid, owner.st_gid)
    data.chmod(owner.st_mode)
    faulty.bring_back(what)


def _remove(folder: Path) -> None:
    """The data, and the mark that it was made; the secrets stay, as in a password store."""
    shutil.rmtree(folder / "data")
    (folder / "made").unlink(missing_ok=True)


def _drop(faulty: Faulty, database: str) -> None:
    """The database comes back empty when the server starts."""
    url = faulty.addresses.catalog_url.rpartition("/")[0] + "/postgres"
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database))
        connection.cursor().execute(drop)
    faulty.take_away("postgres")
    faulty.bring_back("postgres")
    if database == "mlflow":
        _empty(faulty.addresses.s3, "mlflow")
        faulty.kill("mlflow")  # it makes its tables when it starts


def _empty(s3: S3Address, bucket: str) -> None:
    client = client_of(s3)
    objects = client.list_objects(bucket, recursive=True)
    wanted = [DeleteObject(str(each.object_name)) for each in objects]
    errors = list(client.remove_objects(bucket, wanted))
    assert errors == []

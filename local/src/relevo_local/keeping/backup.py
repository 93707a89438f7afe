"""A platform's data into a folder, while it runs or stands still.

PostgreSQL first, then the objects: what a row names was stored before the row, and nothing
of ours deletes an object, so all that the dumps name is there. Nothing of Kafka: what is
on its way is announced again from the catalog, and who is on duty by the alias.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from relevo_local.keeping import databases, objects
from relevo_local.keeping.errors import KeepingError
from relevo_local.keeping.manifest import FILE, Manifest, of_today
from relevo_local.keeping.servers import holders_of
from relevo_local.places.secret_file import write_private
from relevo_local.places.state import is_state
from relevo_local.reports import Report, Reporter
from relevo_local.servers.postgres import DATABASES

KEPT = ("secrets.json", "mlflow/secrets.json", "ports.json", "work/data-api")
"""Of the state folder: what signs and encrypts webhooks, and where they are called; the
source's plan."""
SPARE = 1.05
"""Room is asked for beside the objects: for the dumps."""


def backup(state: Path, folder: Path, report: Reporter) -> Manifest:
    """Write a backup; raises KeepingError, and leaves no half of one behind.

    The folder must not be there. It holds secrets: for the owner alone.
    """
    if not is_state(state):
        raise KeepingError(f"no platform has ever run from {state}: nothing to back up")
    if folder.exists():
        raise KeepingError(f"{folder} is there already: name a folder that is not")
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    try:
        manifest = _fill(state, partial, report)
        write_private(partial / FILE, manifest.model_dump_json(indent=1))
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return manifest


def _fill(state: Path, folder: Path, report: Reporter) -> Manifest:
    made_at = datetime.now(UTC)
    with holders_of(state, report) as holders:
        for name in DATABASES:  # the catalog first: it names what MLflow has
            report(Report(process="postgres", text=f"dumping the database {name}"))
            databases.dump(holders.database(name), folder / f"{name}.dump")
        found = objects.sizes(holders.s3)
        _check_room(folder, sum(found.values()))
        sums = objects.fetch(holders.s3, found, folder / objects.FOLDER, report)
    objects.write_sums(sums, folder)
    for name in KEPT:
        copy(state / name, folder / "state" / name)
    return of_today(made_at, objects=len(sums), size=sum(found.values()))


def _check_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size * SPARE:
        raise KeepingError(
            f"the objects take {size / 1e9:.1f} GB, and there are {free / 1e9:.1f} GB free"
            f" at {folder.parent}: name a folder on a larger disk"
        )


def copy(source: Path, target: Path) -> None:
    """A file or a folder, where there is one."""
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)

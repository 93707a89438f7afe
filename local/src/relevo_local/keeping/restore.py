"""A platform out of a backup: made beside the state folder, then put in its place."""

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from relevo_local.keeping import databases, objects
from relevo_local.keeping.backup import KEPT, copy
from relevo_local.keeping.errors import KeepingError
from relevo_local.keeping.manifest import Manifest, read_manifest
from relevo_local.keeping.servers import started
from relevo_local.places.state import hold, is_state
from relevo_local.reports import Report, Reporter
from relevo_local.servers.postgres import DATABASES


def restore(state: Path, folder: Path, report: Reporter, *, replace: bool) -> Manifest:
    """Make the state folder what the backup holds; `relevo up` starts it as ever.

    replace: what the state folder holds goes, else it must hold nothing. Raises
    KeepingError, AlreadyRunning and StartFailed; whatever it raises, what was there is
    there still.
    """
    manifest = read_manifest(folder)
    _check(state, replace=replace)
    sums = objects.verified_sums(folder, report)
    fresh = state.with_name(f".{state.name}.restoring")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)
    try:
        for name in KEPT:
            copy(folder / "state" / name, fresh / name)
        _fill(fresh, folder, sums, report)
        _swap(state, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return manifest


def _check(state: Path, *, replace: bool) -> None:
    if not state.exists() or not any(state.iterdir()):
        return
    if not is_state(state):
        raise KeepingError(f"{state} is no state folder of relevo's: nothing was changed")
    if not replace:
        raise KeepingError(
            f"{state} holds a platform's data: --replace puts the backup in its place,"
            " --state names another folder"
        )


def _fill(fresh: Path, folder: Path, sums: Mapping[str, str], report: Reporter) -> None:
    with started(fresh, report) as holders:
        for name in DATABASES:
            report(Report(process="postgres", text=f"loading the database {name}"))
            databases.load(holders.database(name), folder / f"{name}.dump")
        objects.put(holders.s3, sums, folder / objects.FOLDER, report)


def _swap(state: Path, fresh: Path) -> None:
    """Nobody starts a platform there meanwhile: the old folder is held until it is gone."""
    old = state.with_name(f".{state.name}.replaced")
    shutil.rmtree(old, ignore_errors=True)
    with ExitStack() as stack:
        if state.exists():
            stack.enter_context(hold(state))
            state.rename(old)
        fresh.rename(state)
    shutil.rmtree(old, ignore_errors=True)

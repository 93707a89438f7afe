"""PostgreSQL's databases as files, and back, by its own programs."""

import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from relevo_local.keeping.errors import KeepingError
from relevo_local.servers.postgres import binaries
from relevo_local.settings import inherited_environment

LONGEST = 2000
"""Of what a program says when it fails, in characters."""


def dump(url: str, file: Path) -> None:
    """All of a database at one moment, in pg_dump's own compressed form."""
    _run("pg_dump", url, "--format=custom", "--no-owner", f"--file={file}")


def load(url: str, file: Path) -> None:
    """A dump into an empty database, all of it or nothing."""
    _run(
        *("pg_restore", url, "--no-owner", "--exit-on-error", "--single-transaction"),
        f"--dbname={urlsplit(url).path.removeprefix('/')}",
        str(file),
    )


def _run(program: str, url: str, *arguments: str) -> None:
    place = urlsplit(url)
    reached = {
        "PGHOST": place.hostname or "",
        "PGPORT": str(place.port or ""),
        "PGUSER": place.username or "",
        # not as an argument, which everybody on the machine can read
        "PGPASSWORD": place.password or "",
        "PGDATABASE": place.path.removeprefix("/"),
    }
    done = subprocess.run(
        [binaries() / program, *arguments],
        env=inherited_environment() | reached,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise KeepingError(f"{program} failed: {done.stderr.strip()[-LONGEST:]}")

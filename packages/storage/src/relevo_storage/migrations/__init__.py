"""The catalog's tables: plain SQL files beside this one, applied in order, once each."""

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

import asyncpg

from relevo_storage.postgres_errors import outages_named

NEWEST = 7
"""The version that this code needs: the number of the last file."""

LOCK = 0x72656C65766F
"""Any number that nobody else locks in this database: "relevo" in ASCII."""

PATIENCE_SECONDS = 60.0

TABLE = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        version    integer     PRIMARY KEY,
        name       text        NOT NULL,
        sha256     text        NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""
APPLIED = "SELECT version, sha256 FROM schema_migrations"
APPLY = "INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, $2, $3)"


class ChangedMigrationError(Exception):
    """A file that was applied before has another text now."""


@dataclass(frozen=True)
class Migration:
    """One SQL file, named `{version:04}_{what it brings}.sql`."""

    version: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """What tells an applied file from one that was changed since."""
        return sha256(self.sql.encode()).hexdigest()


def known_migrations() -> list[Migration]:
    """The package's migrations by version."""
    sources = [f for f in files(__name__).iterdir() if f.name.endswith(".sql")]
    return sorted(
        (
            Migration(int(f.name[:4]), f.name, f.read_text(encoding="utf-8"))
            for f in sources
        ),
        key=lambda migration: migration.version,
    )


async def migrate(url: str) -> int:
    """Bring the database of a `postgresql://` URL up to date; answers its version.

    All or nothing, and one at a time: who comes second waits, then finds it done.
    Raises OutageError while the server is away, and ChangedMigrationError.
    """
    async with outages_named(seconds=PATIENCE_SECONDS):
        connection = await asyncpg.connect(url, timeout=5)
        try:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
                await connection.execute(TABLE)
                applied: dict[int, str] = dict(await connection.fetch(APPLIED))
                for migration in missing(known_migrations(), applied):
                    await connection.execute(migration.sql)
                    await connection.execute(
                        APPLY, migration.version, migration.name, migration.sha256
                    )
        finally:
            connection.terminate()
    return max(NEWEST, *applied, 0)


def missing(known: list[Migration], applied: dict[int, str]) -> list[Migration]:
    """What is still to be applied; `applied` gives each version's SHA-256.

    Raises ChangedMigrationError. Versions that a newer program has applied are fine:
    changes of the schema are only additive, as those of the events are.
    """
    for migration in known:
        if applied.get(migration.version, migration.sha256) != migration.sha256:
            raise ChangedMigrationError(
                f"{migration.name} was applied with another text; "
                "a change belongs into a new file"
            )
    return [migration for migration in known if migration.version not in applied]

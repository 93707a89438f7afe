"""A DuckDB that can read our objects and nothing else, and cannot be talked out of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from relevo_sql.quoting import literal, literals

CONFIGURATION: Mapping[str, str] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",  # or a statement could name our variables
}


@dataclass(frozen=True)
class Limits:
    """What a statement may take: seconds, DuckDB's memory, threads; bytes of an answer."""

    seconds: float = 30.0
    memory: str = "512MB"
    threads: int = 1
    answer_bytes: int = 8_000_000


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that can still be told what it may read."""
    connection = duckdb.connect(config=dict(CONFIGURATION))
    for setting in ("TimeZone = 'UTC'", "temp_directory = ''"):
        connection.execute(f"SET {setting}")
    return connection


def lock(connection: duckdb.DuckDBPyConnection, objects: list[str], limits: Limits) -> None:
    """From here on only these addresses can be read, and no setting be changed."""
    for setting in (
        f"allowed_paths = {literals(objects)}",
        "enable_external_access = false",
        f"memory_limit = {literal(limits.memory)}",
        f"threads = {limits.threads:d}",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")

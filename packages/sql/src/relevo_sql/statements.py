"""Which statements may run: one at a time, and only those that read.

External access is closed but for our objects, and COPY would overwrite these.
"""

import re

import duckdb
from duckdb import StatementType

from relevo_sql.errors import SqlError

EXPLAIN = re.compile(r"\s*explain\s+(?:analyze\s+)?(.+)", re.IGNORECASE | re.DOTALL)
READING = "SELECT, WITH, FROM, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN"


def checked(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The statement, if it is one that reads. Raises SqlError, and duckdb.Error."""
    statements = connection.extract_statements(sql)
    if not statements:
        raise SqlError("there is no statement")
    kinds = [statement.type for statement in statements]
    if kinds[0] == StatementType.EXPLAIN and (explained := EXPLAIN.fullmatch(sql)):
        return checked(connection, explained[1]) and sql
    if other := [kind.name for kind in kinds if kind != StatementType.SELECT]:
        hint = " (PIVOT needs its values: ON column IN (…))" if len(kinds) > 1 else ""
        raise SqlError(
            f"the data is read only: {READING}, not {other[0].replace('_', ' ')}{hint}"
        )
    if len(kinds) > 1:
        raise SqlError(f"one statement at a time, not {len(kinds)}")
    return sql

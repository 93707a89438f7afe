"""Makes a locked DuckDB with its tables and views of what the catalog knows."""

from collections.abc import Sequence
from importlib.resources import files

import duckdb

from relevo_sql.catalog import Snapshot
from relevo_sql.locked import Limits, lock
from relevo_sql.views import views_of

KINDS = ("raw", "clean", "report")


def build(
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    *,
    prefix: str,
    datasets: Sequence[str],
    limits: Limits,
) -> list[str]:
    """Fill an unlocked DuckDB, lock it, and answer the datasets that it has.

    prefix: what stands before a key in an object's address. datasets: those that have a
    schema even before their first batch; they come first. Raises duckdb.Error.
    """
    told = {
        "results": snapshot.results,
        "promotions": snapshot.promotions,
        "prefix": prefix,
    }
    text = files("relevo_sql").joinpath("tables.sql").read_text(encoding="utf-8")
    for statement in text.split("\n\n")[1:]:
        needed = {name: value for name, value in told.items() if f"${name}" in statement}
        connection.execute(statement, needed)
    rows = connection.execute(
        "SELECT dataset, kind, object FROM all_datasets.objects ORDER BY batch_number"
    ).fetchall()
    found = connection.execute(
        "SELECT DISTINCT dataset FROM all_datasets.results ORDER BY dataset"
    ).fetchall()
    names = list(dict.fromkeys([*datasets, *(name for (name,) in found)]))
    for name in names:
        objects = {
            kind: list(dict.fromkeys(o for d, k, o in rows if (d, k) == (name, kind)))
            for kind in KINDS
        }
        for statement in views_of(name, objects):
            connection.execute(statement)
    lock(connection, sorted({address for _, _, address in rows}), limits)
    return names

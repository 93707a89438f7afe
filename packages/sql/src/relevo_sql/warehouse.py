"""The platform's data as schemas and views that can be asked in SQL."""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Self

import duckdb
import pyarrow as pa

from relevo_sql.answers import Answer, Column, View
from relevo_sql.building import build
from relevo_sql.catalog import PostgresSource, Source
from relevo_sql.errors import SqlError, in_words
from relevo_sql.interrupting import interrupted_after
from relevo_sql.locked import Limits
from relevo_sql.quoting import identifier
from relevo_sql.statements import checked
from relevo_sql.store import Objects, Store
from relevo_sql.values import plain_columns

SHOWN_ROWS = 1_000

COLUMNS = """
    SELECT schema_name, table_name, list({'name': column_name, 'type': data_type}
                                         ORDER BY column_index)
    FROM duckdb_columns() WHERE NOT internal
    GROUP BY ALL
"""


@dataclass(frozen=True)
class Result:
    """A statement that runs: its columns, and its rows as Arrow comes of them."""

    columns: tuple[Column, ...]
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


@dataclass(frozen=True)
class _Built:
    mark: tuple[int, int]
    connection: duckdb.DuckDBPyConnection
    datasets: list[str]


class Warehouse:
    """One schema per dataset; see `relevo_sql.views.VIEWS`. Safe to use from many threads.

    It looks into the catalog before each statement and is built anew when that knows more.
    Everything here blocks: from asyncio, `await asyncio.to_thread(warehouse.query, sql)`.
    """

    def __init__(
        self,
        source: Source,
        objects: Objects,
        *,
        datasets: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> None:
        self._source = source
        self._objects = objects
        self._datasets = datasets
        self._built: _Built | None = None
        self._building = Lock()
        self.limits = limits or Limits()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget what was built; statements that run still end."""
        self._built = None

    def datasets(self) -> list[str]:
        """The schemas, the first of which is meant when a statement names none."""
        return self._fresh().datasets

    def tables(self) -> list[View]:
        """All views with their columns, by dataset. Raises OutageError."""
        built = self._fresh()
        with self._in_words():
            rows = built.connection.cursor().execute(COLUMNS).fetchall()
        views = [
            View(schema, name, tuple(Column(c["name"], c["type"]) for c in columns))
            for schema, name, columns in rows
        ]
        return sorted(views, key=lambda view: (view.schema == "all_datasets", view.schema))

    def query(
        self, sql: str, *, limit: int = SHOWN_ROWS, dataset: str | None = None
    ) -> Answer:
        """The first rows that a statement answers, at most `limit`.

        dataset: whose views are meant without a schema's name; else the first. Raises
        SqlError in words for the person, and OutageError while a server is away.
        """
        started = time.perf_counter()
        with self.run(sql, rows_at_once=limit + 1, dataset=dataset) as result:
            rows: list[tuple[object, ...]] = []
            size = 0
            for batch in result.batches:
                size += batch.nbytes
                if size > self.limits.answer_bytes:
                    raise SqlError("the answer is larger than"
                                   f" {self.limits.answer_bytes / 1e6:.0f} MB: name fewer"
                                   " columns or rows")  # fmt: skip
                rows += zip(*plain_columns(batch), strict=True)
                if len(rows) > limit:
                    break
        seconds = time.perf_counter() - started
        return Answer(result.columns, rows[:limit], len(rows) > limit, seconds)

    @contextmanager
    def run(
        self,
        sql: str,
        *,
        rows_at_once: int = 10_000,
        dataset: str | None = None,
        seconds: float | None = None,
    ) -> Iterator[Result]:
        """A statement while it runs, for as many rows as there are.

        seconds: how long it may, reading included; else as the limits say. Raises as
        `query` does, also in the block.
        """
        built = self._fresh()
        allowed = self.limits.seconds if seconds is None else seconds
        with (
            built.connection.cursor() as cursor,
            interrupted_after(allowed, cursor),
        ):
            with self._in_words():
                if schema := dataset or next(iter(built.datasets), None):
                    cursor.execute(f"USE {identifier(schema)}")
                cursor.execute(checked(cursor, sql))
            columns = tuple(Column(d[0], str(d[1])) for d in cursor.description or ())
            reader = cursor.to_arrow_reader(rows_at_once)
            yield Result(columns, reader.schema, self._read(reader))

    def _read(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        # Apart from the block, whose own errors, as of a full disk, are not DuckDB's.
        with self._in_words():
            yield from reader

    def _fresh(self) -> _Built:
        """What is built of what the catalog knows now."""
        with self._building:
            mark = self._source.mark()
            if self._built is None or self._built.mark != mark:
                self._built = self._build()  # the old one goes with its last statement
            return self._built

    def _build(self) -> _Built:
        snapshot = self._source.snapshot()
        with self._in_words():
            connection = self._objects.open()
            datasets = build(
                connection,
                snapshot,
                prefix=self._objects.prefix,
                datasets=self._datasets,
                limits=self.limits,
            )
        return _Built(snapshot.mark, connection, datasets)

    def _in_words(self) -> AbstractContextManager[None]:
        return in_words(store=self._objects.address, memory=self.limits.memory)


def open_warehouse(
    catalog_url: str,
    store: Store,
    *,
    datasets: Sequence[str] = (),
    limits: Limits | None = None,
) -> Warehouse:
    """The data of a platform; nothing is reached before the first statement.

    catalog_url: postgresql://user:password@host/name. datasets: those that have a schema
    even before their first batch, the usual one first.
    """
    return Warehouse(PostgresSource(catalog_url), store, datasets=datasets, limits=limits)

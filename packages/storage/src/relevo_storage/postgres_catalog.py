"""The catalog and both histories in PostgreSQL, by `asyncpg`."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from relevo_contracts import ObjectRef, OutageError
from relevo_contracts.actions import Action
from relevo_contracts.results import (
    Announcement,
    Decision,
    Promotion,
    Stage,
    StageResult,
)
from relevo_storage import statements
from relevo_storage.measuring import measured
from relevo_storage.migrations import NEWEST
from relevo_storage.postgres_errors import hang_ups_named, outages_named
from relevo_storage.postgres_leases import PostgresLeases
from relevo_storage.settings import CatalogSettings
from relevo_storage.stored_form import stored_form

CONNECTIONS = 5
COMMAND_SECONDS = 5.0
CLOSING_SECONDS = 2.0
PATIENCE_SECONDS = 10.0
"""For a free connection and all that is asked on it: then it is an outage."""


class PostgresCatalog:
    """Catalog and both histories; connects anew by itself when the server is back."""

    def __init__(self, pool: asyncpg.Pool, leases: PostgresLeases) -> None:
        self._pool = pool
        self.lease = leases.lease

    async def record(self, result: StageResult) -> StageResult:
        """Keep the first result of (batch, stage) and answer the one that stands."""
        kept = stored_form(result)
        async with self._connection("record") as connection:
            async with connection.transaction():
                await put(connection, kept)
            # A statement of its own: it sees the row of a racer that came first.
            row = await connection.fetchrow(
                statements.FIND_RESULT, kept.batch_id, kept.stage
            )
        return as_result(row)

    async def record_again(
        self, result: StageResult, *, instead_of: StageResult
    ) -> StageResult:
        """Put a later try in the place of a refused result; answers the one that stands."""
        kept, key = stored_form(result), (result.batch_id, result.stage)
        async with self._connection("record_again") as connection:
            async with connection.transaction():
                was = instead_of.finished_at
                if await connection.fetchval(statements.ASK_REFUSED_AGAIN, *key, was):
                    await put(connection, kept)
            row = await connection.fetchrow(statements.FIND_RESULT, *key)
        return as_result(row)

    async def ask_again(self, batch_id: str, stages: Sequence[Stage]) -> None:
        """Have these stages make their results for a batch once more."""
        async with self._connection("ask_again") as connection:
            await connection.execute(statements.ASK_AGAIN, batch_id, list(stages))

    async def revision(self, batch_id: str, stage: Stage) -> int:
        """Which result of (batch, stage) the next or the present one is, from 1 on."""
        async with self._connection("revision") as connection:
            count = await connection.fetchval(statements.COUNT_REVISION, batch_id, stage)
        return int(count)

    async def earlier_tries(self, batch_id: str, stage: Stage) -> list[StageResult]:
        """The results whose place later tries have taken, oldest first."""
        async with self._connection("earlier_tries") as connection:
            rows = await connection.fetch(statements.LIST_EARLIER_TRIES, batch_id, stage)
        return [as_result(row) for row in rows]

    async def find(self, batch_id: str, stage: Stage) -> StageResult | None:
        """The result of a stage for a batch, or None."""
        async with self._connection("find") as connection:
            row = await connection.fetchrow(statements.FIND_RESULT, batch_id, stage)
        return None if row is None else as_result(row)

    async def results(self, dataset: str, stage: Stage) -> list[StageResult]:
        """All results of a stage for a dataset, ordered by the batch's number."""
        async with self._connection("results") as connection:
            rows = await connection.fetch(statements.LIST_RESULTS, dataset, stage)
        return [as_result(row) for row in rows]

    async def unannounced(self, dataset: str, stage: Stage) -> list[StageResult]:
        """Results whose announcement the broker has not acknowledged, in order."""
        async with self._connection("unannounced") as connection:
            rows = await connection.fetch(statements.LIST_UNANNOUNCED, dataset, stage)
        return [as_result(row) for row in rows]

    async def mark_announced(self, batch_id: str, stage: Stage) -> None:
        """The broker has acknowledged the result's announcement, once more."""
        async with self._connection("mark_announced") as connection:
            await connection.execute(statements.MARK_ANNOUNCED, batch_id, stage)

    async def unanswered(
        self, dataset: str, stage: Stage, *, by: Stage, first: float, longest: float
    ) -> list[StageResult]:
        """Accepted results that the stage `by` has no result for, and that are due."""
        asked = (dataset, stage, by, first, longest)
        async with self._connection("unanswered") as connection:
            rows = await connection.fetch(statements.LIST_UNANSWERED, *asked)
        return [as_result(row) for row in rows]

    async def record_promotion(self, promotion: Promotion) -> Promotion:
        """Keep the promotion under the next number of its model; answer what stands."""
        kept = stored_form(promotion)
        try:
            async with self._connection("record_promotion") as connection:
                await connection.execute(statements.INSERT_PROMOTION, *as_entry(kept))
                row = await connection.fetchrow(statements.FIND_PROMOTION, kept.event_id)
        except asyncpg.UniqueViolationError as error:
            raise OutageError(f"another promotion of {kept.model} came first") from error
        return as_promotion(row)

    async def last_promotions(self) -> list[Promotion]:
        """Each model's last promotion, by the models' names."""
        async with self._connection("last_promotions") as connection:
            rows = await connection.fetch(statements.LIST_LAST_PROMOTIONS)
        return [as_promotion(row) for row in rows]

    async def promotions(self, model: str | None = None) -> list[Promotion]:
        """The model's promotions in the order in which they were recorded."""
        async with self._connection("promotions") as connection:
            rows = await connection.fetch(statements.LIST_PROMOTIONS, model)
        return [as_promotion(row) for row in rows]

    async def decide(self, decision: Decision) -> None:
        """Keep the decision; a released batch that was held is to be learned from."""
        kept = stored_form(decision)
        async with self._connection("decide") as connection, connection.transaction():
            await connection.execute(statements.DECIDE, *kept.model_dump().values())
            if kept.decision == "released":
                await connection.execute(statements.ASK_HELD_AGAIN, kept.batch_id)

    async def decisions(self, dataset: str) -> dict[str, Decision]:
        """The last decision about each batch of the dataset."""
        async with self._connection("decisions") as connection:
            rows = await connection.fetch(statements.LIST_DECISIONS, dataset)
        return {row["batch_id"]: Decision.model_validate(dict(row)) for row in rows}

    async def record_action(self, action: Action) -> None:
        """Keep the action; a second record of the same id says what came of it."""
        kept = stored_form(action)
        values = kept.model_dump() | {"details": json.dumps(kept.details)}
        async with self._connection("record_action") as connection:
            await connection.execute(statements.RECORD_ACTION, *values.values())

    async def actions(
        self, *, subject: str | None = None, limit: int = 1000
    ) -> list[Action]:
        """The newest `limit` actions, oldest first."""
        async with self._connection("actions") as connection:
            rows = await connection.fetch(statements.LIST_ACTIONS, subject, limit)
        return [
            Action.model_validate(dict(row) | {"details": json.loads(row["details"])})
            for row in reversed(rows)
        ]

    @asynccontextmanager
    async def _connection(self, call: str) -> AsyncIterator[asyncpg.Connection]:
        with measured("catalog", call):
            async with self._working_connection() as connection:
                yield connection

    @asynccontextmanager
    async def _working_connection(self) -> AsyncIterator[asyncpg.Connection]:
        async with (
            outages_named(seconds=PATIENCE_SECONDS),
            self._pool.acquire() as connection,
            hang_ups_named(connection),
        ):
            yield connection


async def put(connection: asyncpg.Connection, result: StageResult) -> None:
    """Insert a first result, or replace one that is asked for again and keep that; else
    what stands stays."""
    place = (result.batch_id, result.stage)
    await connection.execute(statements.KEEP_ASKED_AGAIN, *place)
    await connection.execute(statements.INSERT_RESULT, *as_values(result))


def as_values(result: StageResult) -> tuple[object, ...]:
    """The parameters of INSERT_RESULT."""
    table = result.table
    announcement = result.announcement
    return (
        result.batch_id,
        result.stage,
        result.dataset,
        result.number,
        result.verdict,
        result.reason,
        table and table.key,
        table and table.sha256,
        table and table.size,
        result.rows,
        json.dumps(result.statistics),
        announcement and announcement.model_dump_json(),
        result.started_at,
        result.finished_at,
    )


def as_result(row: Mapping[str, Any]) -> StageResult:
    """The result that a row of stage_results keeps."""
    columns = dict(row)
    key, sha256, size = (columns.pop(f"table_{n}") for n in ("key", "sha256", "size"))
    announcement = columns.pop("announcement")
    columns["statistics"] = json.loads(columns["statistics"])
    return StageResult(
        **columns,
        table=key and ObjectRef(key=key, sha256=sha256, size=size),
        announcement=announcement and Announcement.model_validate_json(announcement),
    )


def as_entry(promotion: Promotion) -> tuple[object, ...]:
    """The parameters of INSERT_PROMOTION."""
    announcement = promotion.announcement
    return (
        promotion.event_id,
        promotion.model,
        promotion.model_version,
        promotion.previous_version,
        promotion.bundle_sha256,
        list(promotion.batches),
        promotion.promoted_at,
        promotion.moved_by,
        promotion.who,
        promotion.why,
        announcement and announcement.model_dump_json(),
        promotion.number or 0,
    )


def as_promotion(row: Mapping[str, Any]) -> Promotion:
    """The promotion that a row of promotions keeps."""
    announcement = row["announcement"]
    told = announcement and Announcement.model_validate_json(announcement)
    return Promotion.model_validate(dict(row) | {"announcement": told})


@asynccontextmanager
async def open_catalog(settings: CatalogSettings) -> AsyncIterator[PostgresCatalog]:
    """The catalog, whose tables must be there.

    Raises OutageError when the server is away, or its schema is older than this code.
    """
    url = settings.catalog_url.get_secret_value()
    pool = asyncpg.create_pool(
        url,
        min_size=0,
        max_size=CONNECTIONS,
        timeout=COMMAND_SECONDS,
        command_timeout=COMMAND_SECONDS,
        server_settings={"application_name": "relevo"},
        reset=_nothing,
    )
    await pool  # with min_size=0 nothing is connected yet
    try:
        async with outages_named(seconds=PATIENCE_SECONDS):
            version = await pool.fetchval(statements.SCHEMA_VERSION)
        if version < NEWEST:
            raise OutageError(f"the catalog's schema is at {version}, not {NEWEST} yet")
        yield PostgresCatalog(pool, PostgresLeases(url))
    finally:
        await _close(pool)


async def _nothing(_: asyncpg.Connection) -> None:
    """Our statements leave nothing behind in a session that had to be reset."""


async def _close(pool: asyncpg.Pool) -> None:
    try:
        async with asyncio.timeout(CLOSING_SECONDS):
            await pool.close()
    except (TimeoutError, asyncpg.PostgresError):
        pool.terminate()

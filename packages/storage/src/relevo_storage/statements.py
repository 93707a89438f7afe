"""What the catalog asks of PostgreSQL, in SQL; the tables are in `migrations/`."""

KEEP_ASKED_AGAIN = """
    INSERT INTO earlier_tries (
        batch_id, stage, dataset, number, verdict, reason,
        table_key, table_sha256, table_size, rows,
        statistics, announcement, started_at, finished_at
    )
    SELECT batch_id, stage, dataset, number, verdict, reason,
        table_key, table_sha256, table_size, rows,
        statistics, announcement, started_at, finished_at
    FROM stage_results
    WHERE batch_id = $1 AND stage = $2 AND again_since IS NOT NULL
    FOR UPDATE
"""

INSERT_RESULT = """
    INSERT INTO stage_results (
        batch_id, stage, dataset, number, verdict, reason,
        table_key, table_sha256, table_size, rows,
        statistics, announcement, started_at, finished_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT (batch_id, stage) DO UPDATE SET
        dataset = excluded.dataset, number = excluded.number,
        verdict = excluded.verdict, reason = excluded.reason,
        table_key = excluded.table_key, table_sha256 = excluded.table_sha256,
        table_size = excluded.table_size, rows = excluded.rows,
        statistics = excluded.statistics, announcement = excluded.announcement,
        started_at = excluded.started_at, finished_at = excluded.finished_at,
        announced_at = NULL, announcements = 0, again_since = NULL
    WHERE stage_results.again_since IS NOT NULL
"""

ASK_AGAIN = """
    UPDATE stage_results SET again_since = now()
    WHERE batch_id = $1 AND stage = ANY($2) AND again_since IS NULL
"""

ASK_REFUSED_AGAIN = """
    UPDATE stage_results SET again_since = now()
    WHERE batch_id = $1 AND stage = $2 AND verdict = 'refused' AND finished_at = $3
    RETURNING batch_id
"""

COUNT_REVISION = """
    SELECT 1 + count(*) + (
        SELECT count(*) FROM stage_results
        WHERE batch_id = $1 AND stage = $2 AND again_since IS NOT NULL
    )
    FROM earlier_tries
    WHERE batch_id = $1 AND stage = $2
"""

LIST_EARLIER_TRIES = """
    SELECT batch_id, stage, dataset, number, verdict, reason,
        table_key, table_sha256, table_size, rows,
        statistics, announcement, started_at, finished_at
    FROM earlier_tries
    WHERE batch_id = $1 AND stage = $2
    ORDER BY sequence
"""

FIND_RESULT = """
    SELECT batch_id, stage, dataset, number, verdict, reason,
        table_key, table_sha256, table_size, rows,
        statistics, announcement, started_at, finished_at,
        again_since IS NOT NULL AS again
    FROM stage_results
    WHERE batch_id = $1 AND stage = $2 AND again_since IS NULL
"""

LIST_RESULTS = """
    SELECT batch_id, stage, dataset, number, verdict, reason,
        table_key, table_sha256, table_size, rows,
        statistics, announcement, started_at, finished_at,
        again_since IS NOT NULL AS again
    FROM stage_results
    WHERE dataset = $1 AND stage = $2
    ORDER BY number, batch_id
"""

LIST_UNANNOUNCED = """
    SELECT batch_id, stage, dataset, number, verdict, reason,
        table_key, table_sha256, table_size, rows,
        statistics, announcement, started_at, finished_at,
        again_since IS NOT NULL AS again
    FROM stage_results
    WHERE dataset = $1 AND stage = $2
        AND announcement IS NOT NULL AND announced_at IS NULL
    ORDER BY number, batch_id
"""

MARK_ANNOUNCED = """
    UPDATE stage_results SET announced_at = now(), announcements = announcements + 1
    WHERE batch_id = $1 AND stage = $2 AND announcement IS NOT NULL
"""

LIST_UNANSWERED = """
    SELECT batch_id, stage, dataset, number, verdict, reason,
        table_key, table_sha256, table_size, rows,
        statistics, announcement, started_at, finished_at
    FROM stage_results AS told
    WHERE dataset = $1 AND stage = $2
        AND verdict = 'accepted' AND announcement IS NOT NULL AND again_since IS NULL
        AND now() - coalesce(announced_at, finished_at)
            >= make_interval(
                secs => least(
                    $5::float8, $4::float8 * 2.0 ^ least(greatest(announcements - 1, 0), 30)
                )
            )
        AND NOT EXISTS (
            SELECT FROM stage_results AS answer
            WHERE answer.batch_id = told.batch_id AND answer.stage = $3
                AND answer.again_since IS NULL
        )
    ORDER BY number, batch_id
"""

LOCK = """
    SELECT pg_try_advisory_lock(hashtextextended($1 || ' ' || $2, 0)) AS is_locked,
        (SELECT process FROM leases WHERE batch_id = $1 AND stage = $2) AS process
"""

NOTE_LEASE = """
    INSERT INTO leases (batch_id, stage, process, deaths, since)
    VALUES ($1, $2, $3, 0, now())
    ON CONFLICT (batch_id, stage) DO UPDATE
    SET deaths = leases.deaths + (leases.process <> excluded.process)::integer,
        process = excluded.process, since = excluded.since
    RETURNING deaths
"""

FORGET_LEASE = """
    DELETE FROM leases WHERE batch_id = $1 AND stage = $2 AND process = $3
"""

INSERT_PROMOTION = """
    INSERT INTO promotions (
        event_id, model, model_version, previous_version,
        bundle_sha256, batches, promoted_at, moved_by, who, why, announcement, number
    )
    SELECT $1, $2, $3, $4, $5, $6::text[], $7::timestamptz, $8, $9, $10, $11::jsonb,
        greatest($12::bigint, 1 + coalesce(max(number), 0), 1 + count(*))
    FROM promotions WHERE model = $2
    ON CONFLICT (event_id) DO NOTHING
"""

FIND_PROMOTION = """
    SELECT event_id, model, model_version, previous_version, bundle_sha256, batches,
        promoted_at, moved_by, who, why, announcement, number
    FROM promotions
    WHERE event_id = $1
"""

LIST_PROMOTIONS = """
    SELECT event_id, model, model_version, previous_version, bundle_sha256, batches,
        promoted_at, moved_by, who, why, announcement, number
    FROM promotions
    WHERE $1::text IS NULL OR model = $1
    ORDER BY sequence
"""

LIST_LAST_PROMOTIONS = """
    SELECT DISTINCT ON (model)
        event_id, model, model_version, previous_version, bundle_sha256, batches,
        promoted_at, moved_by, who, why, announcement, number
    FROM promotions
    ORDER BY model, sequence DESC
"""

DECIDE = """
    INSERT INTO batch_decisions (batch_id, dataset, decision, who, why, at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (batch_id) DO UPDATE
    SET decision = excluded.decision, who = excluded.who, why = excluded.why,
        at = excluded.at
"""

ASK_HELD_AGAIN = """
    UPDATE stage_results SET again_since = now()
    WHERE batch_id = $1 AND stage = 'trained' AND verdict = 'held' AND again_since IS NULL
"""

LIST_DECISIONS = """
    SELECT batch_id, dataset, decision, who, why, at
    FROM batch_decisions
    WHERE dataset = $1
"""

RECORD_ACTION = """
    INSERT INTO actions (id, at, who, why, what, subject, outcome, result, details)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (id) DO UPDATE
    SET outcome = excluded.outcome, result = excluded.result, details = excluded.details
"""

LIST_ACTIONS = """
    SELECT id, at, who, why, what, subject, outcome, result, details
    FROM actions
    WHERE $1::text IS NULL OR subject = $1
    ORDER BY sequence DESC
    LIMIT $2
"""

SCHEMA_VERSION = "SELECT coalesce(max(version), 0) FROM schema_migrations"

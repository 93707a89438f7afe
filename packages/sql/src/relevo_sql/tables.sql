-- What the catalog knows, of all datasets: $results and $promotions are its rows as JSON,
-- $prefix stands before the keys of objects. Statements are parted by empty lines.

CREATE SCHEMA all_datasets;

CREATE TABLE all_datasets.results AS
SELECT unnest(
    from_json(
        $results,
        '[{"batch_id": "VARCHAR", "stage": "VARCHAR", "dataset": "VARCHAR", "number": "BIGINT",
           "verdict": "VARCHAR", "reason": "VARCHAR", "table_key": "VARCHAR", "rows": "BIGINT",
           "statistics": "JSON", "started_at": "TIMESTAMPTZ", "finished_at": "TIMESTAMPTZ"}]'
    ),
    recursive := true
);

CREATE TABLE all_datasets.objects AS
SELECT dataset, stage AS kind, batch_id, number AS batch_number, $prefix || table_key AS object
FROM all_datasets.results
WHERE table_key IS NOT NULL AND stage IN ('raw', 'clean')
UNION ALL
SELECT dataset, 'report', batch_id, number, $prefix || (statistics ->> 'report')
FROM all_datasets.results
WHERE stage = 'clean' AND (statistics ->> 'report') IS NOT NULL;

CREATE TABLE all_datasets.batches AS
WITH raw AS (
    SELECT
        *,
        TRY_CAST(statistics ->> 'released_at' AS TIMESTAMPTZ) AS released_at,
        statistics ->> 'source_url' AS source_url
    FROM all_datasets.results WHERE stage = 'raw'
),
clean AS (
    SELECT
        * EXCLUDE ("rows"),
        unnest(json_transform(
            statistics,
            '{"rows_in": "BIGINT", "rows_out": "BIGINT", "rows_removed": "BIGINT",
              "rows_quarantined": "BIGINT", "unseen_values": "BIGINT",
              "splits": "MAP(VARCHAR, BIGINT)", "target": "VARCHAR", "target_rate": "DOUBLE",
              "missing_shares": "MAP(VARCHAR, DOUBLE)", "unknown_shares": "MAP(VARCHAR, DOUBLE)"}'
        ))
    FROM all_datasets.results WHERE stage = 'clean'
),
trained AS (SELECT * FROM all_datasets.results WHERE stage = 'trained'),
ids AS (SELECT DISTINCT dataset, number, batch_id FROM all_datasets.results)
SELECT
    ids.dataset, ids.batch_id, ids.number AS batch_number,
    raw.released_at, raw.finished_at AS ingested_at, clean.finished_at AS cleaned_at,
    trained.finished_at AS trained_at,
    raw.verdict AS raw_verdict, clean.verdict AS clean_verdict, trained.verdict AS trained_verdict,
    coalesce(clean.reason, raw.reason) AS refusal,
    raw."rows" AS rows_raw, clean.rows_out AS rows_clean, clean.rows_removed,
    clean.rows_quarantined, clean.unseen_values,
    clean.splits['train'] AS rows_train, clean.splits['validation'] AS rows_validation,
    clean.splits['test'] AS rows_test,
    clean.target, clean.target_rate, clean.missing_shares, clean.unknown_shares,
    raw.source_url, $prefix || raw.table_key AS raw_object,
    $prefix || clean.table_key AS clean_object,
    $prefix || (clean.statistics ->> 'report') AS report_object
FROM ids
LEFT JOIN raw USING (batch_id)
LEFT JOIN clean USING (batch_id)
LEFT JOIN trained USING (batch_id)
ORDER BY ids.dataset, ids.number, ids.batch_id;

CREATE TABLE all_datasets.verdicts AS
WITH told AS (
    SELECT
        *,
        json_transform(
            statistics,
            '{"task": "VARCHAR", "figure": "VARCHAR", "algorithm": "VARCHAR",
              "model_version": "VARCHAR", "champion_version": "VARCHAR", "validation": "DOUBLE",
              "test": "DOUBLE", "champion": "DOUBLE", "live": "DOUBLE", "difference": "DOUBLE",
              "standard_error": "DOUBLE", "z": "DOUBLE", "p": "DOUBLE", "batches": ["VARCHAR"]}'
        ) AS noted
    FROM all_datasets.results WHERE stage = 'trained'
)
SELECT
    dataset, batch_id, number AS batch_number, verdict, reason, unnest(noted),
    epoch(finished_at - started_at) AS seconds, finished_at AS judged_at, statistics
FROM told
ORDER BY dataset, number, batch_id;

CREATE TABLE all_datasets.promotions AS
WITH told AS (
    SELECT unnest(
        from_json(
            $promotions,
            '[{"sequence": "BIGINT", "model": "VARCHAR", "model_version": "VARCHAR",
               "previous_version": "VARCHAR", "bundle_sha256": "VARCHAR", "batches": ["VARCHAR"],
               "promoted_at": "TIMESTAMPTZ", "moved_by": "VARCHAR", "who": "VARCHAR",
               "why": "VARCHAR"}]'
        )
    ) AS promotion
),
named AS (SELECT DISTINCT batch_id, dataset FROM all_datasets.results)
SELECT
    (SELECT any_value(dataset) FROM named
     WHERE list_contains(told.promotion.batches, named.batch_id)) AS dataset,
    unnest(promotion)
FROM told
ORDER BY 1, 2;

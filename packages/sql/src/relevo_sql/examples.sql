-- Batches in order, with rows, share of class 1 and verdicts
SELECT batch_number, released_at, rows_raw, rows_clean, rows_quarantined,
       round(target_rate, 4) AS target_rate, clean_verdict, trained_verdict
FROM batches ORDER BY batch_number;

-- Why rows were put aside
SELECT "column", reason, sum("rows")::BIGINT AS "rows", any_value(examples) AS examples
FROM quarantined GROUP BY ALL ORDER BY 3 DESC;

-- The target by split and batch
SELECT batch_number, split, count(*) AS "rows", avg(target) AS mean_target
FROM clean GROUP BY ALL ORDER BY ALL;

-- What the clean columns hold
SUMMARIZE clean;

-- Missing values by feature, in the newest batch and before
SELECT feature.key AS feature,
       arg_max(feature.value, batch_number) AS newest,
       avg(feature.value) AS over_all
FROM (SELECT batch_number, unnest(map_entries(missing_shares)) AS feature FROM batches)
GROUP BY ALL ORDER BY newest DESC;

-- Verdicts with the figures on which they rest
SELECT batch_number, verdict, algorithm, model_version, champion_version, figure,
       validation, test, champion, difference, z
FROM verdicts ORDER BY batch_number;

-- Who was champion from when to when
SELECT model_version, len(batches) AS batches, promoted_at AS since,
       lead(promoted_at) OVER (PARTITION BY model ORDER BY sequence) AS until
FROM promotions ORDER BY sequence;

-- How long each batch took, in seconds
SELECT batch_number, epoch(ingested_at - released_at) AS to_ingested,
       epoch(cleaned_at - ingested_at) AS to_cleaned, epoch(trained_at - cleaned_at) AS to_verdict
FROM batches ORDER BY batch_number;

-- Groups that come in more than one batch
SELECT count(*) AS "groups", count(*) FILTER (batches > 1) AS in_several_batches
FROM (SELECT "group", count(DISTINCT batch_number) AS batches FROM clean GROUP BY ALL);

-- Raw rows of the newest batch
SELECT * FROM raw WHERE batch_number = (SELECT max(batch_number) FROM raw) LIMIT 20;

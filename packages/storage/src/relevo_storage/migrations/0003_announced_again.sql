-- How often a result was announced, and each promotion's number and event, to tell it again.

ALTER TABLE stage_results ADD COLUMN announcements integer NOT NULL DEFAULT 0;

UPDATE stage_results SET announcements = 1 WHERE announced_at IS NOT NULL;

COMMENT ON COLUMN stage_results.announcements IS 'so often; announced_at: when last';

ALTER TABLE promotions
    ADD COLUMN number       bigint,
    ADD COLUMN announcement jsonb;

UPDATE promotions SET number = counted.number
FROM (
    SELECT event_id, row_number() OVER (PARTITION BY model ORDER BY sequence) AS number
    FROM promotions
) AS counted
WHERE promotions.event_id = counted.event_id;

COMMENT ON COLUMN promotions.number IS 'in the model''s history; null: an older watcher recorded it';
COMMENT ON COLUMN promotions.announcement IS 'envelope and body of its event; null: an older watcher recorded it';

CREATE UNIQUE INDEX promotions_numbered ON promotions (model, number);

-- What each stage made of each batch, once; and which version relieved which.

CREATE TABLE stage_results (
    batch_id     text        NOT NULL,
    stage        text        NOT NULL,
    dataset      text        NOT NULL,
    number       bigint      NOT NULL,
    verdict      text        NOT NULL,
    reason       text,
    table_key    text,
    table_sha256 text,
    table_size   bigint,
    rows         bigint,
    statistics   jsonb       NOT NULL,
    announcement jsonb,
    started_at   timestamptz NOT NULL,
    finished_at  timestamptz NOT NULL,
    announced_at timestamptz,
    PRIMARY KEY (batch_id, stage),
    CONSTRAINT table_whole_or_absent CHECK (num_nulls(table_key, table_sha256, table_size) IN (0, 3)),
    CONSTRAINT announced_needs_announcement CHECK (announced_at IS NULL OR announcement IS NOT NULL)
);

COMMENT ON COLUMN stage_results.announcement IS 'envelope and body of the event that the result became';
COMMENT ON COLUMN stage_results.announced_at IS 'when the broker had acknowledged the announcement';

CREATE INDEX stage_results_in_order ON stage_results (dataset, stage, number);

CREATE TABLE promotions (
    sequence         bigint      GENERATED ALWAYS AS IDENTITY,
    event_id         text        PRIMARY KEY,
    model            text        NOT NULL,
    model_version    text        NOT NULL,
    previous_version text,
    bundle_sha256    text        NOT NULL,
    batches          text[]      NOT NULL,
    promoted_at      timestamptz NOT NULL
);

CREATE INDEX promotions_in_order ON promotions (model, sequence);

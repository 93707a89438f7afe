-- Refused is not for ever: what a refused result was, where a later try has taken its place.

CREATE TABLE earlier_tries (
    sequence     bigint      GENERATED ALWAYS AS IDENTITY,
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
    replaced_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (batch_id, stage, sequence)
);

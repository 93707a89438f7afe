-- What people did, with who and why; and who moved the alias of a promotion.

ALTER TABLE promotions
    ADD COLUMN moved_by text,
    ADD COLUMN who      text,
    ADD COLUMN why      text;

CREATE TABLE actions (
    sequence bigint      GENERATED ALWAYS AS IDENTITY,
    id       text        PRIMARY KEY,
    at       timestamptz NOT NULL,
    who      text        NOT NULL,
    why      text,
    what     text        NOT NULL,
    subject  text        NOT NULL,
    outcome  text        NOT NULL,
    result   text,
    details  jsonb       NOT NULL
);

COMMENT ON COLUMN actions.subject IS 'a model''s name, or the place of a dead letter';

CREATE INDEX actions_in_order ON actions (subject, sequence);

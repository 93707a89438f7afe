-- What people decided about learning from a batch: the last decision counts.

CREATE TABLE batch_decisions (
    batch_id text        PRIMARY KEY,
    dataset  text        NOT NULL,
    decision text        NOT NULL,
    who      text        NOT NULL,
    why      text        NOT NULL,
    at       timestamptz NOT NULL
);

COMMENT ON COLUMN batch_decisions.decision IS 'released: learned from although it was held; rejected: left out of all further trainings';

CREATE INDEX batch_decisions_by_dataset ON batch_decisions (dataset);

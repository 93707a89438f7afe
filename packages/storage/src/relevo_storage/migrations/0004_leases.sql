-- Which process works on a batch's stage, and how many died of it before.

CREATE TABLE leases (
    batch_id text        NOT NULL,
    stage    text        NOT NULL,
    process  text        NOT NULL,
    deaths   integer     NOT NULL,
    since    timestamptz NOT NULL,
    PRIMARY KEY (batch_id, stage)
);

COMMENT ON TABLE leases IS 'a row without a process that has the advisory lock: that process died at its work';
COMMENT ON COLUMN leases.deaths IS 'of processes before this one, in a row';

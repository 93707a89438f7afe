-- A result may be asked for once more; what it was stays readable when it is replaced.

ALTER TABLE stage_results ADD COLUMN again_since timestamptz;

COMMENT ON COLUMN stage_results.again_since IS 'somebody asked for it once more: it stands until the stage has made it';

"""The metrics that programs of ours read from a service, by their names."""

TRAINER_STAGE = "relevo_trainer_stage"
LAG_RECORDS = "relevo_lag_watcher_lag_records"
LAG_SECONDS = "relevo_lag_watcher_lag_seconds"

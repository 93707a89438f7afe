"""The metrics that programs of ours read from a service, by their names."""

TRAINER_STAGE = "relevo_trainer_stage"
LAG_RECORDS = "relevo_lag_watcher_lag_records"
LAG_SECONDS = "relevo_lag_watcher_lag_seconds"
RECONCILED = "relevo_reconciled_total"
HELD_BACK = "relevo_registry_watcher_champion_held_back"
BUNDLE_LOST = "relevo_registry_watcher_bundle_lost"

"""What trainer and registry-watcher note in MLflow on runs and versions, by which names."""

from enum import StrEnum

BUNDLE_PATH = "bundle/bundle.zip"
"""The serving bundle among a version's files, unless the version's tag says another."""


class Tag(StrEnum):
    """A tag of ours. RUN_KEY makes a repeat recognisable: the batch and the code.

    MOVED_BEFORE: the note of the alias's last move when the version was made; CONCLUDED:
    when its verdict was followed, which is done once.
    """

    RUN_KEY = "relevo.run_key"
    BATCH_ID = "relevo.batch_id"
    BATCHES = "relevo.batches"
    CODE_VERSION = "relevo.code_version"
    BUNDLE_SHA256 = "relevo.bundle_sha256"
    BUNDLE_PATH = "relevo.bundle_path"
    VERDICT = "relevo.verdict"
    REASON = "relevo.reason"
    VERDICT_NUMBER = "relevo.verdict_number"
    LEVEL = "relevo.level"
    RELIEVES = "relevo.relieves"
    MOVED_BEFORE = "relevo.moved_before"
    CONCLUDED = "relevo.concluded"
    STATISTICS = "relevo.statistics"
    TRACEPARENT = "relevo.traceparent"
    REFUSED = "relevo.refused"
    HELD_BACK = "relevo.held_back"
    TASK = "relevo.task"

"""Accepted batches that are others at their source by now: told once each, and counted."""

import structlog

from ingestor.metrics import SOURCE_CHANGED
from ingestor.sources.taken import Taken

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Changes:
    """What is known of one dataset's."""

    def __init__(self, dataset: str) -> None:
        self._gauge = SOURCE_CHANGED.labels(dataset)
        self._told: set[tuple[str, str]] = set()

    def note(self, taken: Taken, has: dict[str, str]) -> None:
        """has: all that the source has now, the SHA-256 of each by what it is called."""
        changed = {
            (identity, sha256)
            for identity, sha256 in has.items()
            if taken.view(identity, sha256) == "changed"
        }
        self._gauge.set(len(changed))
        for identity, sha256 in sorted(changed - self._told):
            result = taken.result(identity)
            log.error(
                "an accepted batch is another one at its source now: it is not taken again",
                identity=identity,
                batch_id=result and result.batch_id,
                taken_sha256=result and result.statistics.get("source_sha256"),
                source_sha256=sha256,
            )
        self._told = changed

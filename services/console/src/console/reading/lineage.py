"""From a version down to the bytes that the source sent, by hashes; pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from console.reading.versions import Results
from relevo_contracts import ObjectRef
from relevo_contracts.results import Stage, StageResult


@dataclass(frozen=True)
class BatchLine:
    """A batch that a version learned from; what nobody noted is None."""

    batch_id: str
    clean: ObjectRef | None
    raw: ObjectRef | None
    source_sha256: str | None
    source_url: str | None


def lineage_of(batches: Iterable[str], results: Results) -> list[BatchLine]:
    """Each batch with its clean table, its raw table and its source."""
    return [batch_line(each, results) for each in batches]


def batch_line(batch_id: str, results: Results) -> BatchLine:
    """One batch, down to its source."""
    clean = results.get((batch_id, Stage.CLEAN))
    raw = results.get((batch_id, Stage.RAW))
    return BatchLine(
        batch_id,
        clean.table if clean else None,
        raw.table if raw else None,
        noted(raw, "source_sha256"),
        noted(raw, "source_url"),
    )


def noted(result: StageResult | None, name: str) -> str | None:
    """A text among a result's statistics."""
    value = result.statistics.get(name) if result else None
    return value if isinstance(value, str) else None


def trace_of(*results: StageResult | None) -> str | None:
    """The trace that a batch's results belong to: 32 hex digits."""
    for result in results:
        if result and result.announcement:
            parent = result.announcement.envelope.get("traceparent")
            if isinstance(parent, str) and parent.count("-") == 3:
                return parent.split("-")[1]
    return None

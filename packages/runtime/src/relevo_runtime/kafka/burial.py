"""What the dead letter of a message says."""

from datetime import UTC, datetime
from typing import Literal

from relevo_contracts import DeadLetter
from relevo_contracts.records import Record
from relevo_runtime.kafka.failures import Failure, describe

Step = Literal["parse", "handle"]


def letter_of(
    record: Record, error: Exception, failure: Failure, *, step: Step, service: str
) -> DeadLetter:
    """Why, where and when the service gave the message up; a bug is what is no poison."""
    return DeadLetter(
        reason=describe(error),
        stage=step,
        service=service,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        time=datetime.now(UTC),
        kind="poison" if failure is Failure.POISON else "bug",
    )

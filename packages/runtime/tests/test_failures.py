"""Which failure is of which kind."""

import errno

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    NotLeaderForPartitionError,
)

from relevo_contracts import OutageError, PoisonError
from relevo_runtime.kafka.failures import classify, describe


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PoisonError("no such dataset"), "poison"),
        (OutageError("the catalog is away"), "outage"),
        (ConnectionRefusedError(), "outage"),
        (KafkaConnectionError(), "outage"),
        (KafkaTimeoutError(), "outage"),
        (NotLeaderForPartitionError(), "outage"),
        (MessageSizeTooLargeError(), "bug"),
        (TimeoutError(), "bug"),
        (OSError(errno.ENOSPC, "No space left on device"), "outage"),
        (OSError("something else"), "bug"),
        (ValueError("a bug"), "bug"),
        (ExceptionGroup("tasks", [OutageError("a"), ConnectionResetError()]), "outage"),
        (ExceptionGroup("tasks", [OutageError("a"), ValueError("b")]), "bug"),
    ],
)
def test_a_failure_is_poison_outage_or_bug(error: Exception, kind: str) -> None:
    assert classify(error) == kind


def test_a_reason_is_short_and_never_empty() -> None:
    assert describe(PoisonError("no such dataset 'x'")) == "no such dataset 'x'"
    assert describe(PoisonError()) == "PoisonError()"
    assert describe(KeyError("rows")) == "KeyError('rows')"
    assert len(describe(ValueError("x" * 5000))) == 1000

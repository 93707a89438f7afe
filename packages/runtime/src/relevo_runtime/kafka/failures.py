"""What a failure says about the message: poison, outage or bug."""

from enum import StrEnum

from aiokafka.errors import KafkaError, KafkaTimeoutError

from relevo_contracts import OutageError, PoisonError
from relevo_contracts.errors import is_disk_full


class Failure(StrEnum):
    """Why a message could not be handled."""

    POISON = "poison"
    OUTAGE = "outage"
    BUG = "bug"


def classify(error: Exception) -> Failure:
    """The kind of a failure.

    A TimeoutError is a bug: only the adapter that waited knows whether a server is
    away, and then it raises OutageError. An ExceptionGroup is what all its members are.
    """
    if isinstance(error, ExceptionGroup):
        kinds = {classify(member) for member in error.exceptions}
        return kinds.pop() if len(kinds) == 1 else Failure.BUG
    if isinstance(error, PoisonError):
        return Failure.POISON
    if isinstance(error, OutageError | ConnectionError) or is_kafka_away(error):
        return Failure.OUTAGE
    if is_disk_full(error):
        return Failure.OUTAGE
    return Failure.BUG


def is_kafka_away(error: Exception) -> bool:
    """True for an error of Kafka that passes, False for one that repeats itself."""
    return isinstance(error, KafkaTimeoutError) or (
        isinstance(error, KafkaError) and bool(error.retriable)
    )


def describe(error: Exception) -> str:
    """The error in words, short enough for a header: at most 1,000 characters."""
    words = str(error) if isinstance(error, PoisonError) else repr(error)
    return (words or repr(error))[:1000]

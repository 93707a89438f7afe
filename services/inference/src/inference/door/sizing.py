"""How many bytes may be in flight, by the memory that this pod may have; pure."""

from inference.settings import Settings

PROCESS_BYTES = 160 * 2**20
"""A pod that has answered batches of all forms, with a few models."""
WORK_FACTOR = 20
"""The objects of the batch that is computed, at most, for each byte of its body."""
MOST_BYTES = 2**30
MEGABYTE = 2**20


def bytes_in_flight(settings: Settings, memory: int) -> int:
    """Of bodies and answers together.

    Raises ValueError, in words, when they, the largest batch and the process itself could
    be more than the memory.
    """
    largest = settings.inference_max_bytes
    asked = settings.inference_max_bytes_in_flight
    flight = min(memory // 4, MOST_BYTES) if asked is None else asked
    if flight < 2 * largest:
        raise ValueError(
            f"INFERENCE_MAX_BYTES_IN_FLIGHT ({_told(flight)}"
            f"{'' if asked else ', a quarter of the memory'}) must be twice"
            f" INFERENCE_MAX_BYTES ({_told(largest)}) at least: lower the latter"
        )
    needed = PROCESS_BYTES + flight + WORK_FACTOR * largest
    if needed > memory:
        raise ValueError(
            f"INFERENCE_MAX_BYTES ({_told(largest)}) and what may be in flight"
            f" ({_told(flight)}) need {_told(needed)} of memory, and there are"
            f" {_told(memory)}: lower one of them, or give the container more"
        )
    return flight


def _told(number: int) -> str:
    return f"{number / MEGABYTE:,.4g} MiB"

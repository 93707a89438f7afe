"""How long the stores take to answer, seen from the service that waits for them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from relevo_contracts import OutageError
from relevo_storage.metrics import CALLS


@contextmanager
def measured(store: Literal["objects", "catalog"], call: str) -> Iterator[None]:
    """Measure the block as one call; after an OutageError the store counts as away."""
    started = time.perf_counter()
    outcome = "answered"
    try:
        yield
    except OutageError:
        outcome = "away"
        raise
    finally:
        CALLS.labels(store, call, outcome).observe(time.perf_counter() - started)

"""What pages read when they are asked: object store, history, drift, MLflow."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from console.reading.drifts import Drifts, OpenStore
from console.reading.registry import Registered
from relevo_storage import PromotionHistory

OpenHistory = Callable[[], AbstractAsyncContextManager[PromotionHistory]]
ReadVersion = Callable[[str, str], Awaitable[Registered | None]]
"""Of a model's name and version; raises OutageError while MLflow is away."""


@dataclass(frozen=True)
class Readers:
    """Each is opened for one page and closed again; any may be away."""

    open_store: OpenStore
    open_history: OpenHistory
    drifts: Drifts
    read_version: ReadVersion

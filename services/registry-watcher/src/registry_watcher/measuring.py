"""What is shown of promotions and of MLflow."""

import time
from collections.abc import Mapping

from registry_watcher.metrics import (
    CHAMPION_VERSION,
    HELD,
    MLFLOW_AWAY_SINCE,
    NEWEST_BATCH_RELEASED_AT,
    PROMOTED_AT,
)
from relevo_contracts import ModelPromoted


class MlflowView:
    """Since when MLflow is away, from the answers that come or do not."""

    def __init__(self) -> None:
        self._away_since = 0.0

    def answered(self) -> None:
        """MLflow gave an answer."""
        self._show(0.0)

    def away(self) -> None:
        """MLflow gave none, or not one that it should."""
        self._show(self._away_since or time.time())

    def _show(self, since: float) -> None:
        self._away_since = since
        MLFLOW_AWAY_SINCE.set(since)


def show_holds(held: Mapping[str, bool]) -> None:
    """Which models a person holds."""
    for model, is_held in held.items():
        HELD.labels(model).set(is_held)


def show_promotions(promotions: list[ModelPromoted]) -> None:
    """The promotions that stand, one of each model."""
    PROMOTED_AT.clear()
    NEWEST_BATCH_RELEASED_AT.clear()
    for event in promotions:
        CHAMPION_VERSION.labels(event.model).set(float(event.model_version))
        promoted = PROMOTED_AT.labels(event.model, event.model_version)
        promoted.set(event.promoted_at.timestamp())
        # of a version that was gone back to, the age would say nothing about its way
        if event.released_at is not None and event.moved_by != "rollback":
            released = NEWEST_BATCH_RELEASED_AT.labels(event.model, event.batches[-1])
            released.set(event.released_at.timestamp())

"""The version of a model that should serve, and what is known of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from relevo_contracts import ModelPromoted
from relevo_contracts.registry_notes import Held
from relevo_story.telling.batch import Batch
from relevo_story.telling.training import Training


@dataclass(frozen=True)
class Champion:
    """By its last promotion, with who moved the alias; held: a person keeps it there.

    `training` is that which made the version, if it was told.
    """

    model: str
    version: str
    previous_version: str | None
    since: datetime
    batches: tuple[str, ...]
    training: Training | None
    moved_by: str | None = None
    who: str | None = None
    why: str | None = None
    held: Held | None = None


def champion_of(
    event: ModelPromoted, batches: Iterable[Batch], held: Held | None = None
) -> Champion:
    """What a promotion says; two models may have versions of the same number."""
    own = (batch.training for batch in batches if batch.dataset == event.dataset)
    fits = (each for each in own if each and each.version == event.model_version)
    return Champion(
        model=event.model,
        version=event.model_version,
        previous_version=event.previous_version,
        since=event.promoted_at,
        batches=event.batches,
        training=next(fits, None),
        moved_by=event.moved_by,
        who=event.who,
        why=event.why,
        held=held,
    )

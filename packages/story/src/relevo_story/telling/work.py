"""Who works on a batch just now, with what and since when: for clocks that never jump."""

from dataclasses import dataclass
from datetime import datetime

from relevo_contracts.results import Stage
from relevo_story.telling.story import Story


@dataclass(frozen=True)
class Work:
    """The stage at which it is; `doing`: what of it, where the trainer tells."""

    stage: Stage
    since: datetime
    doing: str | None = None


def works(story: Story) -> dict[str, Work]:
    """The work on each batch that neither has ended nor waits for the ones before it.

    The trainer says itself on which batch it works, and how long is counted from when it
    was seen to begin; where it says nothing it is the dataset's first one, and where
    nobody saw it begin, its time is counted from when its turn came.
    """
    found: dict[str, Work] = {}
    turns: dict[str, datetime] = {}
    first: dict[str, str] = {}
    batches = story.batches
    told = {batch.dataset for batch in batches if batch.id in story.progress}
    for batch in batches:
        name, stage = batch.dataset, batch.stage
        if ended := batch.trained.finished_at:
            turns[name] = max(ended, turns.get(name, ended))
        if stage is None:
            continue
        ends = [step.finished_at for _, step in batch.steps if step.finished_at]
        began = ends[-1] if ends else batch.released_at
        if stage is Stage.TRAINED:
            is_first = first.setdefault(name, batch.id) == batch.id
            if batch.id not in story.progress and (name in told or not is_first):
                continue
            turn = max(filter(None, (began, turns.get(name))), default=None)
            began = story.begun.get(batch.id) or turn
        if began is not None:
            found[batch.id] = Work(stage, began, story.progress.get(batch.id))
    return found


def has_ended(story: Story) -> bool:
    """True when no dataset has a batch to come, and all that came have a verdict."""
    schedules = story.schedules.values()
    batches = story.batches
    total = sum(schedule.total or 0 for schedule in schedules)
    return (
        len(story.schedules) == len(story.datasets)
        and not any(schedule.next_due for schedule in schedules)
        and len(batches) >= total > 0
        and all(batch.verdict for batch in batches)
    )

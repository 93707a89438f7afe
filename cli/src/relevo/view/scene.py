"""All that a picture of the platform is made of at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from relevo_local.supervising.processes import ProcessStatus
from relevo_story.sources.whereabouts import Whereabouts
from relevo_story.telling.facts import Line
from relevo_story.telling.story import Story


@dataclass(frozen=True)
class Scene:
    """What is known, and what of it could not be found out (`unknown`: part -> why)."""

    story: Story
    now: datetime
    state: Path = Path(".relevo")
    where: Whereabouts = field(default_factory=Whereabouts)
    processes: Sequence[ProcessStatus] = ()
    lines: Sequence[Line] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    interval_seconds: float | None = None
    began: datetime | None = None
    is_stopping: bool = False

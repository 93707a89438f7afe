"""What the services say to each other: events, topics, the model's manifest."""

from relevo_contracts.dead_letters import DeadLetter
from relevo_contracts.envelope import Envelope
from relevo_contracts.errors import OutageError, PoisonError
from relevo_contracts.events import (
    EVENTS,
    BatchClean,
    BatchHeld,
    BatchRaw,
    Event,
    ModelPromoted,
    ModelServed,
    ObjectRef,
    SourceSeen,
)
from relevo_contracts.features import Feature
from relevo_contracts.manifest import Manifest
from relevo_contracts.tasks import ClassWords, Target, Task
from relevo_contracts.topics import Topic

__all__ = [
    "EVENTS",
    "BatchClean",
    "BatchHeld",
    "BatchRaw",
    "ClassWords",
    "DeadLetter",
    "Envelope",
    "Event",
    "Feature",
    "Manifest",
    "ModelPromoted",
    "ModelServed",
    "ObjectRef",
    "OutageError",
    "PoisonError",
    "SourceSeen",
    "Target",
    "Task",
    "Topic",
]

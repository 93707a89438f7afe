"""What a training process tells the service."""

from dataclasses import dataclass
from typing import Literal

from trainer.learning.stages import Progress
from trainer.recording.registered import HeldBatch, Registered


@dataclass(frozen=True)
class Failure:
    """The job ended without a result."""

    kind: Literal["poison", "outage", "bug"]
    text: str


Message = Progress | Registered | HeldBatch | Failure

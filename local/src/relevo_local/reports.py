"""What the platform tells while it works, so that a command can tell the story."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["progress", "ready", "silent", "restart", "stopped", "notice", "failure"]


class Report(BaseModel):
    """One sentence about one process (or the platform) at one time."""

    model_config = ConfigDict(frozen=True)

    process: str
    text: str
    kind: Kind = "progress"
    counted: tuple[int, int] | None = None
    """How many of how many: the next such report of the process takes this one's place."""
    time: datetime = Field(default_factory=lambda: datetime.now(UTC))


Reporter = Callable[[Report], None]


def silent(report: Report) -> None:
    """A reporter for those who do not want to hear it."""

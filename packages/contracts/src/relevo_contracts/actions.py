"""What a person did to the platform, with who and why: as the history keeps it."""

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue


class Deed(StrEnum):
    """What a person can do."""

    ROLLBACK = "rollback"
    PROMOTE = "promote"
    HOLD = "hold"
    RESUME = "resume"
    SEND_AGAIN = "send again"
    DONE = "done"
    RETRY = "retry"
    REPLAY = "replay"
    RELEASE = "release"
    REJECT = "reject"


class Action(BaseModel):
    """One use of a deed. It is kept before anything is done, and again with its end.

    subject: a model's name, a dead letter's place (`batch.raw.dead 0 7`), a batch's id, or
    a dataset's name.
    outcome: `begun` stays where nobody could tell the end any more.
    result: what came of it in words; why it failed.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    at: AwareDatetime
    who: str
    why: str | None = None
    what: Deed
    subject: str
    outcome: Literal["begun", "done", "failed"] = "begun"
    result: str | None = None
    details: dict[str, JsonValue] = {}

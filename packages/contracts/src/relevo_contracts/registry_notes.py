"""What is noted on a registered model in MLflow: who moved its alias, and who holds it."""

from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

MOVED = "relevo.moved"
HELD = "relevo.held"

Mover = Literal["trainer", "person", "rollback"]


class Moved(BaseModel):
    """Who moved the alias to a version, and why; it is set before the alias moves.

    It says nothing about an alias that stands on another version.
    """

    model_config = ConfigDict(frozen=True)

    version: str
    by: Mover
    who: str | None = None
    why: str | None = None
    at: AwareDatetime

    @classmethod
    def read(cls, tag: str | None, *, version: str) -> Self | None:
        """The note of the tag when it is about that version, else None."""
        try:
            note = cls.model_validate_json(tag or "")
        except ValueError:
            return None
        return note if note.version == version else None


class Held(BaseModel):
    """A person wants the alias to stay where it is."""

    model_config = ConfigDict(frozen=True)

    who: str
    why: str
    at: AwareDatetime | None = None

    @classmethod
    def read(cls, tag: str | None) -> Self | None:
        """The note of the tag, or None; what a person wrote there by hand holds too."""
        if not tag:
            return None
        try:
            return cls.model_validate_json(tag)
        except ValueError:
            return cls(who="somebody in MLflow", why=tag)

    def __str__(self) -> str:
        since = f" since {self.at:%Y-%m-%d %H:%M} UTC" if self.at else ""
        return f"held by {self.who}{since}: {self.why}"

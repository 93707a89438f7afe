"""What a dead letter tells beside the message that it keeps byte for byte."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from relevo_contracts.envelope import Headers
from relevo_contracts.errors import PoisonError

PREFIX = "dead_"


class DeadLetter(BaseModel):
    """Why, where and when a message died; written as `dead_*` headers of the record.

    `topic`, `partition` and `offset` say where the message came from; a batch that
    was refused before it became a message has partition and offset -1.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    reason: str
    stage: Literal["fetch", "parse", "handle"]
    service: str
    topic: str
    partition: int
    offset: int
    time: datetime
    kind: Literal["poison", "bug"] = "poison"

    def to_headers(self) -> Headers:
        """The headers that are added to those of the message."""
        facts = self.model_dump(mode="json")
        return [(PREFIX + name, str(fact).encode()) for name, fact in facts.items()]

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes]]) -> Self:
        """Read the facts back.

        Raises PoisonError when the record is not a dead letter.
        """
        facts = {
            name.removeprefix(PREFIX): value.decode(errors="replace")
            for name, value in headers
            if name.startswith(PREFIX) and value
        }
        try:
            return cls.model_validate(facts)
        except ValueError as error:
            raise PoisonError(f"not a dead letter: {error}") from error

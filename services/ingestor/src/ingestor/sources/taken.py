"""What was taken of a dataset so far, as the catalog has it; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from relevo_contracts.results import StageResult, Verdict

View = Literal["new", "again", "same", "changed"]
"""Of something that a source has. again: it was refused and is another one by now, or a
person has asked for it once more.
changed: it was accepted, and is another one by now."""


@dataclass(frozen=True)
class Taken:
    """The raw results of one dataset by what its source calls them.

    position: where the source goes on after the newest.
    """

    results: Mapping[str, StageResult] = field(default_factory=dict)
    newest: int = 0
    position: JsonValue = None

    @classmethod
    def of(cls, results: Iterable[StageResult]) -> "Taken":
        """By the raw results, in any order."""
        ordered = sorted(results, key=lambda each: each.number)
        if not ordered:
            return cls()
        by_identity = {identity_of(result): result for result in ordered}
        newest = ordered[-1]
        position = newest.statistics.get("source_position")
        return cls(by_identity, newest.number, position)

    def beside(self, result: StageResult) -> "Taken":
        """With one more, or with a later try of one."""
        is_newest = result.number >= self.newest
        return Taken(
            {**self.results, identity_of(result): result},
            max(self.newest, result.number),
            result.statistics.get("source_position") if is_newest else self.position,
        )

    def result(self, identity: str) -> StageResult | None:
        """What became of what the source calls so."""
        return self.results.get(identity)

    def view(self, identity: str, sha256: str) -> View:
        """What is to be done with something that the source has now."""
        result = self.result(identity)
        if result is None:
            return "new"
        if result.again:
            return "again"  # a person has asked for it
        if result.statistics.get("source_sha256") == sha256:
            return "same"
        return "again" if result.verdict is Verdict.REFUSED else "changed"

    def number_for(self, identity: str, wanted: int | None) -> int:
        """What the platform calls it: its own number, unless that is another one's.

        Numbers have no gap where we give them: of two who give the same one, one has not
        seen all, and finds out when it is recorded.
        """
        if (result := self.result(identity)) is not None:
            return result.number
        used = {each.number for each in self.results.values()}
        return wanted if wanted and wanted not in used else self.newest + 1

    def is_new(self, identity: str, sha256: str) -> bool:
        """Whether it is to be taken."""
        return self.view(identity, sha256) in ("new", "again")


def identity_of(result: StageResult) -> str:
    """What its source called it; the results of earlier versions have their number."""
    return str(result.statistics.get("source_identity", result.number))


def attempt_of(result: StageResult) -> int:
    """Which try it is: more than 1 where earlier ones were refused."""
    found = result.statistics.get("attempt", 1)
    return found if isinstance(found, int) else 1

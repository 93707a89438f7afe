"""What the catalog keeps of a batch, and the message that it becomes."""

import json
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from ingestor.settings import SERVICE
from ingestor.sources.port import Parcel
from ingestor.sources.taken import attempt_of
from relevo_contracts import BatchRaw, DeadLetter, Envelope, ObjectRef, Topic
from relevo_contracts.batches import batch_id
from relevo_contracts.results import Announcement, Stage, StageResult, Verdict

REASON_LENGTH = 1_000


@dataclass(frozen=True)
class Taking:
    """One attempt to take a parcel as the batch of that number.

    before: the refused result of an earlier attempt, when the parcel was another one.
    """

    dataset: str
    parcel: Parcel
    number: int
    started_at: datetime
    before: StageResult | None = None

    @property
    def batch_id(self) -> str:
        return batch_id(self.dataset, self.number)

    @property
    def attempt(self) -> int:
        """Which try it is."""
        return attempt_of(self.before) + 1 if self.before else 1

    def accepted(self, table: ObjectRef, *, rows: int, now: datetime) -> StageResult:
        """The batch is in the store; its event has one identity, however often made."""
        parcel = self.parcel
        event = BatchRaw(
            batch_id=self.batch_id,
            dataset=self.dataset,
            number=self.number,
            attempt=self.attempt,
            table=table,
            rows=rows,
            source_url=parcel.origin,
            source_sha256=parcel.sha256,
            released_at=parcel.released_at,
            ingested_at=now,
        )
        first_cause = f"{self.dataset}/{self.number}/{parcel.sha256}"
        envelope = Envelope.of(event, source=SERVICE, cause=first_cause)
        return self._result(
            Verdict.ACCEPTED,
            announcement=Announcement.of(event, envelope),
            now=now,
            table=table,
            rows=rows,
        )

    def refused(self, reason: str, *, now: datetime) -> StageResult:
        """The batch is left where it is; the dead letter is its announcement."""
        reason = reason[:REASON_LENGTH]
        letter = DeadLetter(
            reason=reason,
            stage="fetch",
            service=SERVICE,
            topic=Topic.BATCH_RAW,
            partition=-1,
            offset=-1,
            time=now,
        )
        body: dict[str, JsonValue] = {
            "batch_id": self.batch_id,
            "dataset": self.dataset,
            "number": self.number,
            **self._origin(),
        }
        return self._result(
            Verdict.REFUSED,
            announcement=Announcement(envelope=letter.model_dump(mode="json"), body=body),
            now=now,
            reason=reason,
        )

    def _result(
        self,
        verdict: Verdict,
        *,
        announcement: Announcement,
        now: datetime,
        reason: str | None = None,
        table: ObjectRef | None = None,
        rows: int | None = None,
    ) -> StageResult:
        return StageResult(
            batch_id=self.batch_id,
            dataset=self.dataset,
            number=self.number,
            stage=Stage.RAW,
            verdict=verdict,
            reason=reason,
            table=table,
            rows=rows,
            statistics=self._origin(),
            announcement=announcement,
            started_at=self.started_at,
            finished_at=now,
        )

    def _origin(self) -> dict[str, JsonValue]:
        parcel = self.parcel
        return {
            "source_url": parcel.origin,
            "source_sha256": parcel.sha256,
            "source_identity": parcel.identity,
            "source_position": parcel.position,
            "released_at": parcel.released_at.isoformat(),
            "attempt": self.attempt,
        }


def event_of(announcement: Announcement) -> tuple[BatchRaw, Envelope]:
    """The event that an accepted batch became."""
    return announcement.read(BatchRaw)


def dead_letter_of(announcement: Announcement) -> tuple[DeadLetter, bytes]:
    """The dead letter of a refused batch, and its body."""
    letter = DeadLetter.model_validate(announcement.envelope)
    return letter, json.dumps(announcement.body).encode()

"""Who was champion from when to when, and why: promotions become reigns; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from relevo_contracts.results import Promotion


@dataclass(frozen=True)
class Reign:
    """A version on duty. until: None for the one that is. why: in words."""

    version: str
    bundle_sha256: str
    since: datetime
    until: datetime | None
    why: str

    @property
    def seconds(self) -> float | None:
        """How long it lasted; None while it lasts."""
        return (self.until - self.since).total_seconds() if self.until else None


def reigns_of(
    promotions: Sequence[Promotion], reasons: Mapping[str, str | None]
) -> list[Reign]:
    """The newest first; promotions: oldest first; reasons: the trainer's, by version."""
    ends: list[datetime | None] = [each.promoted_at for each in promotions]
    seen: set[str] = set()
    found = []
    for promotion, until in zip(promotions, [*ends[1:], None], strict=False):
        version = promotion.model_version
        why = why_moved(promotion, reasons.get(version), is_return=version in seen)
        seen.add(version)
        found.append(
            Reign(version, promotion.bundle_sha256, promotion.promoted_at, until, why)
        )
    return found[::-1]


def why_moved(promotion: Promotion, reason: str | None, *, is_return: bool) -> str:
    """In words: whose doing it was, and the reason that was given."""
    given = f": {promotion.why}" if promotion.why else ""
    match promotion.moved_by:
        case "rollback":
            return f"rolled back by {promotion.who or 'somebody'}{given}"
        case "person":
            if promotion.who:
                return f"moved by {promotion.who}{given}"
            said = f"; the trainer: {reason}" if reason else ""
            return f"moved by hand in MLflow{said}"
        case "trainer":
            return reason or promotion.why or "the trainer promoted it"
    if is_return:
        return "the alias went back to it"
    return reason or "the alias was moved to it"


def bundles_of(promotions: Iterable[Promotion]) -> dict[str, str]:
    """The SHA-256 of the bundle of each version that was promoted."""
    return {each.model_version: each.bundle_sha256 for each in promotions}

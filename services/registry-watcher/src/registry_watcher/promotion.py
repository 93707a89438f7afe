"""When a champion becomes a promotion, and what its event says; no I/O."""

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta

from registry_watcher.registry import Champion
from registry_watcher.standing import Told
from relevo_contracts import Envelope, Manifest, ModelPromoted, ObjectRef
from relevo_contracts.registry_notes import Moved
from relevo_contracts.registry_tags import Tag
from relevo_contracts.results import Announcement, Promotion

TICK = timedelta(microseconds=1)


def is_promoted(champion: Champion, last: ModelPromoted | None) -> bool:
    """True when the last promotion already says what the alias says."""
    return (
        last is not None
        and last.model_version == champion.model_version
        and last.bundle.sha256 == champion.bundle_sha256
    )


def objection(champion: Champion, bundle: bytes) -> str | None:
    """Why these bytes are not the bundle that the trainer logged, or None."""
    sha256 = hashlib.sha256(bundle).hexdigest()
    if champion.bundle_sha256 is None:
        return (
            f"the version has no tag {Tag.BUNDLE_SHA256}: relevo's trainer did not make it"
        )
    if sha256 != champion.bundle_sha256:
        return f"the bundle has SHA-256 {sha256}, the version says {champion.bundle_sha256}"
    return None


def step_back(
    champion: Champion,
    manifest: Manifest,
    last: Promotion | None,
    moved: Moved | None,
    rejected: Collection[str],
) -> str | None:
    """Why only a person may promote the version: it knows less than what serves. Or None.

    rejected: the batches that nobody shall learn from any more, by their ids.

    The trainer judges against the champion that MLflow knows. After MLflow was lost that
    is nobody, and what serves is better than all that is learned at first.
    """
    batches = len(manifest.lineage.batches)
    if last is None or batches >= len(set(last.batches) - set(rejected)):
        return None
    if moved is None or moved.by != "trainer":
        return None
    return (
        f"version {champion.model_version} has seen {batches} of the"
        f" {len(last.batches)} batches that the promoted version {last.model_version} has"
        f" seen, and the trainer did not compare them: `relevo promote {champion.model}"
        f" {champion.model_version}` promotes it nevertheless"
    )


def promote(
    champion: Champion,
    manifest: Manifest,
    bundle: ObjectRef,
    *,
    last: Promotion | None,
    moved: Moved | None,
    at: datetime,
) -> ModelPromoted:
    """The event that relieves `last` by the champion.

    moved: the note of who moved the alias; whoever leaves none did it by hand. The clock
    may be set back, the order of promotions may not.
    """
    return ModelPromoted(
        model=champion.model,
        model_version=champion.model_version,
        previous_version=last.model_version if last else None,
        number=1 + (last.number or 0) if last else 1,
        alias=champion.alias,
        dataset=manifest.dataset,
        bundle=bundle,
        signature_sha256=manifest.signature_sha256,
        run_id=champion.run_id,
        batches=manifest.lineage.batches,
        released_at=manifest.lineage.newest_released_at,
        promoted_at=max(at, last.promoted_at + TICK) if last else at,
        moved_by=moved.by if moved else "person",
        moved_at=moved and moved.at,
        who=moved and moved.who,
        why=moved and moved.why,
    )


def cause_of(promotion: ModelPromoted, last_id: str | None) -> str:
    """The name of a promotion's first cause: which version came after which promotion.

    Two watchers, or one that died before it knew, name it alike; going back to an
    earlier version comes after another promotion and so is a fact of its own.
    """
    return "/".join(
        (
            promotion.model,
            promotion.model_version,
            promotion.bundle.sha256,
            last_id or "first",
        )
    )


def history_entry(told: Told) -> Promotion:
    """The promotion as the catalog keeps it, with its event."""
    event, envelope = told.event, told.envelope
    return Promotion(
        event_id=envelope.id,
        model=event.model,
        model_version=event.model_version,
        previous_version=event.previous_version,
        bundle_sha256=event.bundle.sha256,
        batches=event.batches,
        promoted_at=event.promoted_at,
        moved_by=event.moved_by,
        who=event.who,
        why=event.why,
        number=event.number,
        announcement=Announcement.of(event, envelope),
    )


def told_by(entry: Promotion) -> Told | None:
    """The event of an entry, under its number; None: an older watcher kept none."""
    if entry.announcement is None:
        return None
    body = entry.announcement.body | {"number": entry.number}
    envelope = Envelope.model_validate(entry.announcement.envelope)
    return Told(ModelPromoted.model_validate(body), envelope)

"""When a champion becomes a promotion, and what its event says; no I/O."""

import hashlib
from datetime import datetime

from registry_watcher.registry import Champion
from relevo_contracts import Envelope, Manifest, ModelPromoted, ObjectRef
from relevo_contracts.registry_notes import Moved
from relevo_contracts.registry_tags import Tag
from relevo_contracts.results import Promotion


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


def promote(
    champion: Champion,
    manifest: Manifest,
    bundle: ObjectRef,
    *,
    last: ModelPromoted | None,
    moved: Moved | None,
    at: datetime,
) -> ModelPromoted:
    """The event that relieves `last` by the champion.

    moved: the note of who moved the alias; whoever leaves none did it by hand.
    """
    return ModelPromoted(
        model=champion.model,
        model_version=champion.model_version,
        previous_version=last.model_version if last else None,
        alias=champion.alias,
        dataset=manifest.dataset,
        bundle=bundle,
        signature_sha256=manifest.signature_sha256,
        run_id=champion.run_id,
        batches=manifest.lineage.batches,
        released_at=manifest.lineage.newest_released_at,
        promoted_at=at,
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


def history_entry(promotion: ModelPromoted, envelope: Envelope) -> Promotion:
    """The promotion as the catalog keeps it."""
    return Promotion(
        event_id=envelope.id,
        model=promotion.model,
        model_version=promotion.model_version,
        previous_version=promotion.previous_version,
        bundle_sha256=promotion.bundle.sha256,
        batches=promotion.batches,
        promoted_at=promotion.promoted_at,
        moved_by=promotion.moved_by,
        who=promotion.who,
        why=promotion.why,
    )

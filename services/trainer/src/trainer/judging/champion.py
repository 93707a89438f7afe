"""The model on duty, as far as it can be asked."""

from dataclasses import dataclass

from relevo_bundles import Bundle
from relevo_contracts import PoisonError


@dataclass(frozen=True)
class AliasHolder:
    """The version that the champion alias names; no `content`: it has no bundle."""

    version: str
    content: bytes | None


@dataclass(frozen=True)
class Champion:
    """A version that can be asked for its answers."""

    version: str
    bundle: Bundle

    @property
    def batches(self) -> tuple[str, ...]:
        """What it learned from."""
        return self.bundle.manifest.lineage.batches


def champion_of(
    holder: AliasHolder | None, *, dataset: str, target: str
) -> Champion | None:
    """The champion, or None when nobody on duty can be compared with a challenger.

    A version without a readable bundle does not serve either, and one that predicts
    something else would lose or win for no reason.
    """
    if holder is None or holder.content is None:
        return None
    try:
        bundle = Bundle.read(holder.content)
    except PoisonError:
        return None
    meaning = (bundle.manifest.dataset, bundle.manifest.target)
    return Champion(holder.version, bundle) if meaning == (dataset, target) else None

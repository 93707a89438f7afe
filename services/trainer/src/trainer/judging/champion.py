"""The model on duty, as far as it can be asked."""

from dataclasses import dataclass

from relevo_bundles import Bundle
from relevo_contracts import Feature, PoisonError, Target


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


@dataclass(frozen=True)
class OnDuty:
    """Who is on duty; no `champion`: nobody that a challenger can be compared with.

    remark: why somebody who is there is not, in words.
    """

    champion: Champion | None = None
    remark: str | None = None


def champion_of(
    holder: AliasHolder | None,
    *,
    dataset: str,
    target: Target,
    features: tuple[Feature, ...],
) -> OnDuty:
    """Whom a challenger for this target meets, on rows of these features.

    A version without a readable bundle does not serve either, and one that predicts
    something else would lose or win for no reason.
    """
    if holder is None:
        return OnDuty()
    who = f"v{holder.version} is not asked"
    if holder.content is None:
        return OnDuty(remark=f"{who}: it has no bundle")
    try:
        bundle = Bundle.read(holder.content)
    except PoisonError as error:
        return OnDuty(remark=f"{who}: {error}")
    told = bundle.manifest
    if (told.dataset, told.target, told.task) != (dataset, target.name, target.task):
        other = f"{told.target} of {told.dataset} ({told.task})"
        return OnDuty(remark=f"{who}: it predicts {other}")
    if [each.value for each in told.classes] != [each.value for each in target.classes]:
        return OnDuty(remark=f"{who}: it knows other classes")
    names = {feature.name for feature in features}
    if lacking := {each.feature for each in told.inputs} - names:
        return OnDuty(remark=f"{who}: it needs {', '.join(sorted(lacking))}")
    return OnDuty(Champion(holder.version, bundle))

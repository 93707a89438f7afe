"""The model on duty, as far as it can be asked.

Who serves is the champion to beat, whatever became of its alias: pods go on with the last
promotion until there is another one. So there are three answers: nobody ever served,
somebody serves and is met, somebody serves and cannot be met (then nobody relieves it but
a person). A registry or store that cannot be reached is none of them, but an outage.
"""

import hashlib
from dataclasses import dataclass

from relevo_bundles import Bundle
from relevo_contracts import Feature, Manifest, PoisonError, Target


@dataclass(frozen=True)
class Holder:
    """A version under the alias, or the last promoted one; no `content`: no bundle."""

    version: str
    content: bytes | None


@dataclass(frozen=True)
class Champion:
    """A version that can be asked for its answers; sha256: of its bundle's bytes."""

    version: str
    bundle: Bundle
    sha256: str

    @classmethod
    def read(cls, version: str, content: bytes) -> "Champion":
        """Of its bundle's bytes; raises PoisonError when they are none."""
        return cls(version, Bundle.read(content), hashlib.sha256(content).hexdigest())

    @property
    def batches(self) -> tuple[str, ...]:
        """What it learned from."""
        return self.bundle.manifest.lineage.batches


@dataclass(frozen=True)
class OnDuty:
    """Who serves; no `champion`: nobody that a challenger can be compared with.

    remark: why somebody who is there is not met, in words. is_unmet: that one serves, so
    it is not to be replaced by who never met it.
    """

    champion: Champion | None = None
    remark: str | None = None
    is_unmet: bool = False


def champion_of(
    holder: Holder | None,
    promoted: Holder | None,
    *,
    dataset: str,
    target: Target,
    features: tuple[Feature, ...],
) -> OnDuty:
    """Whom a challenger for this target meets, on rows of these features.

    holder: the version under the alias, which pods will serve at the latest in a moment,
    if they can. promoted: the last one that pods were told of; it goes on serving when the
    alias is gone, or names what cannot be served.
    """
    remark = None
    if holder is not None:
        champion, why = _read(holder)
        if champion:
            return _met(champion, dataset, target, features)
        remark = f"v{holder.version} has the alias and does not serve: {why}"
    if promoted is None:
        return OnDuty(remark=remark)
    champion, why = _read(promoted)
    if champion is None:
        return _unmet(promoted.version, why)
    return _met(champion, dataset, target, features)


def _read(holder: Holder) -> tuple[Champion | None, str]:
    if holder.content is None:
        return None, "its bundle is not there"
    try:
        return Champion.read(holder.version, holder.content), ""
    except PoisonError as error:
        return None, str(error)


def _met(
    champion: Champion, dataset: str, target: Target, features: tuple[Feature, ...]
) -> OnDuty:
    why = _difference(champion.bundle.manifest, dataset, target, features)
    return _unmet(champion.version, why) if why else OnDuty(champion)


def _difference(
    told: Manifest, dataset: str, target: Target, features: tuple[Feature, ...]
) -> str | None:
    """Why losses of two models cannot be compared: they are about different things."""
    if (told.dataset, told.target, told.task) != (dataset, target.name, target.task):
        return f"it predicts {told.target} of {told.dataset} ({told.task})"
    if [each.value for each in told.classes] != [each.value for each in target.classes]:
        return "it knows other classes"
    names = {feature.name for feature in features}
    if lacking := {each.feature for each in told.inputs} - names:
        return f"it needs {', '.join(sorted(lacking))}"
    return None


def _unmet(version: str, why: str) -> OnDuty:
    remark = (
        f"v{version} serves and cannot be met: {why}; only a person relieves it (relevo"
        " promote)"
    )
    return OnDuty(remark=remark, is_unmet=True)

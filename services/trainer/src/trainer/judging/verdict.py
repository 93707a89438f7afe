"""Is the challenger promoted? Better beyond noise, and having seen enough."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from scipy.stats import norm

from trainer.judging.comparison import Comparison
from trainer.judging.policy import Policy

CONFIDENCE = 0.95
NEEDED_Z = float(norm.ppf(CONFIDENCE))
"""1.645: one-sided, because only being better counts."""
MOST_NAMED = 5


@dataclass(frozen=True)
class Verdict:
    """The decision, why, and the figures it rests on."""

    is_promoted: bool
    reason: str
    comparison: Comparison


def withheld(verdict: Verdict, remark: str) -> Verdict:
    """The verdict of a model that a person holds: kept, and the figures stay."""
    would = "promoted" if verdict.is_promoted else "kept"
    reason = hindered(remark, would, verdict.reason)
    return replace(verdict, is_promoted=False, reason=reason)


def without(verdict: Verdict, lost: Collection[str]) -> Verdict:
    """The verdict says which batches could not be learned from, if there are such."""
    if not lost:
        return verdict
    named = ", ".join(sorted(lost)[:MOST_NAMED])
    more = len(lost) - MOST_NAMED
    named += f" and {more} more" if more > 0 else ""
    reason = f"{verdict.reason}; without {named}: not in the store as it was kept"
    return replace(verdict, reason=reason)


def hindered(remark: str, would: str, reason: str) -> str:
    """Why a verdict has no effect, and what it would have been."""
    return f"{remark}; would have been {would}: {reason}"


def judge_first(comparison: Comparison, *, remark: str | None = None) -> Verdict:
    """A first model must beat chance, whatever the policy.

    remark: why there is nobody else whom it meets, if somebody is on duty.
    """
    is_better = comparison.z > NEEDED_Z
    word = "beats" if is_better else "does not beat"
    reason = f"{word} {comparison.rival} beyond noise{_figures(comparison)}"
    return Verdict(is_better, f"{reason}; {remark}" if remark else reason, comparison)


def judge(
    comparison: Comparison,
    *,
    policy: Policy,
    challenger_saw: Collection[str],
    champion_saw: Collection[str],
) -> Verdict:
    """The challenger against the champion on the same test rows.

    …_saw: the ids of the batches that each learned from.
    """
    figures, rival = _figures(comparison), comparison.rival
    if unseen := sorted(set(champion_saw) - set(challenger_saw)):
        reason = f"did not see {', '.join(unseen)}, which {rival} saw{figures}"
        return Verdict(False, reason, comparison)
    if policy == "not_worse":
        is_promoted = comparison.z > -NEEDED_Z
        word = "is not worse than" if is_promoted else "is worse than"
    else:
        is_promoted = comparison.z > NEEDED_Z
        word = "is better than" if is_promoted else "is not better than"
    return Verdict(is_promoted, f"{word} {rival} beyond noise{figures}", comparison)


def _figures(comparison: Comparison) -> str:
    return (
        f": {comparison.figure} {comparison.value:.4f} against {comparison.other:.4f}"
        f" (z {comparison.z:.2f})"
    )

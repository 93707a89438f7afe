"""Is the challenger promoted? Better beyond noise, and having seen enough."""

from collections.abc import Collection
from dataclasses import dataclass

from scipy.stats import norm

from trainer.judging.delong import Comparison
from trainer.judging.policy import Policy

CONFIDENCE = 0.95
NEEDED_Z = float(norm.ppf(CONFIDENCE))
"""1.645: one-sided, because only being better counts."""


@dataclass(frozen=True)
class Verdict:
    """The decision, why, and the figures it rests on."""

    is_promoted: bool
    reason: str
    comparison: Comparison


def judge_first(comparison: Comparison) -> Verdict:
    """A first model must beat chance, whatever the policy."""
    is_better = comparison.z > NEEDED_Z
    word = "beats" if is_better else "does not beat"
    return Verdict(
        is_better, f"{word} chance beyond noise{_figures(comparison)}", comparison
    )


def judge(
    comparison: Comparison,
    *,
    policy: Policy,
    champion: str,
    challenger_saw: Collection[str],
    champion_saw: Collection[str],
) -> Verdict:
    """The challenger against the champion on the same test rows.

    champion: its version; …_saw: the ids of the batches that each learned from.
    """
    figures = _figures(comparison)
    if unseen := sorted(set(champion_saw) - set(challenger_saw)):
        reason = f"did not see {', '.join(unseen)}, which champion v{champion} saw{figures}"
        return Verdict(False, reason, comparison)
    if policy == "not_worse":
        is_promoted = comparison.z > -NEEDED_Z
        word = "is not worse than" if is_promoted else "is worse than"
    else:
        is_promoted = comparison.z > NEEDED_Z
        word = "is better than" if is_promoted else "is not better than"
    reason = f"{word} champion v{champion} beyond noise{figures}"
    return Verdict(is_promoted, reason, comparison)


def _figures(comparison: Comparison) -> str:
    return (
        f": ROC-AUC {comparison.auc:.4f} against {comparison.other_auc:.4f}"
        f" (difference {comparison.difference:+.4f}, z {comparison.z:.2f})"
    )

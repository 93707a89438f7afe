"""Is the challenger promoted? Better beyond noise, and having seen enough."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from trainer.judging.comparison import Comparison
from trainer.judging.spending import level_of, needed_z

MOST_NAMED = 5


@dataclass(frozen=True)
class Verdict:
    """The decision, why, and the figures it rests on.

    number: which one it is against this champion, from 1; that sets level and needed z.
    """

    is_promoted: bool
    reason: str
    comparison: Comparison
    number: int

    @property
    def level(self) -> float:
        """How likely it was to promote a model that is no better."""
        return level_of(self.number)

    @property
    def needed_z(self) -> float:
        """What z had to exceed."""
        return needed_z(self.number)


def withheld(verdict: Verdict, remark: str) -> Verdict:
    """The verdict of a model that a person holds: kept, and the figures stay."""
    would = "promoted" if verdict.is_promoted else "kept"
    reason = hindered(remark, would, verdict.reason)
    return replace(verdict, is_promoted=False, reason=reason)


def without(verdict: Verdict, batches: Collection[str], why: str) -> Verdict:
    """The verdict says which batches were not learned from, if there are such, and why."""
    if not batches:
        return verdict
    named = ", ".join(sorted(batches)[:MOST_NAMED])
    more = len(batches) - MOST_NAMED
    named += f" and {more} more" if more > 0 else ""
    return replace(verdict, reason=f"{verdict.reason}; without {named}: {why}")


def hindered(remark: str, would: str, reason: str) -> str:
    """Why a verdict has no effect, and what it would have been."""
    return f"{remark}; would have been {would}: {reason}"


def judge_first(
    comparison: Comparison, *, number: int, remark: str | None = None
) -> Verdict:
    """A first model must beat chance.

    remark: why there is nobody whom it meets although somebody has the alias.
    """
    is_better = comparison.z > needed_z(number)
    word = "beats" if is_better else "does not beat"
    reason = f"{word} {comparison.rival} beyond noise{_figures(comparison, number)}"
    reason = f"{reason}; {remark}" if remark else reason
    return Verdict(is_better, reason, comparison, number)


def judge(
    comparison: Comparison,
    *,
    number: int,
    challenger_saw: Collection[str],
    champion_saw: Collection[str],
    left_out: Collection[str],
) -> Verdict:
    """The challenger against the champion on the same test rows.

    …_saw: the ids of the batches that each learned from; left_out: those from which
    nobody can or shall learn any more, so a challenger need not have seen them.
    """
    figures, rival = _figures(comparison, number), comparison.rival
    if unseen := sorted(set(champion_saw) - set(challenger_saw) - set(left_out)):
        reason = f"did not see {', '.join(unseen)}, which {rival} saw{figures}"
        return Verdict(False, reason, comparison, number)
    is_better = comparison.z > needed_z(number)
    word = "is better than" if is_better else "is not better than"
    reason = f"{word} {rival} beyond noise{figures}"
    return Verdict(is_better, reason, comparison, number)


def _figures(comparison: Comparison, number: int) -> str:
    return (
        f": {comparison.figure} {comparison.value:.4f} against {comparison.other:.4f}"
        f" (z {comparison.z:.2f}, verdict {number} needs {needed_z(number):.2f})"
    )

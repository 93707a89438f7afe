"""How sure a verdict must be: one chance of a false promotion, spent over all verdicts.

A champion meets a challenger with every batch, and who looks often enough finds one that is
better by luck. So verdict k against one champion has the level 0.05 / (k (k + 1)). All of
them together are 0.05 (the union bound, so nothing is assumed of how they depend on each
other, and nobody needs to know how many there will be). Robertson, Wason, Ramdas 2023,
Online multiple hypothesis testing (PMC7615519).
"""

from collections.abc import Iterable, Mapping

from scipy.stats import norm

from relevo_contracts.results import Promotion, StageResult
from relevo_contracts.statistics import TrainedStatistics

EVER = 0.05
"""How likely it is that a model that is no better is ever promoted against a champion."""
CHANCE = ""
"""Whom models meet as long as there was no champion."""


def level_of(number: int) -> float:
    """The level of the verdict of that number, from 1, against one champion."""
    return EVER / (number * (number + 1))


def needed_z(number: int) -> float:
    """By how many standard errors it must be better: one-sided, only better counts."""
    return float(norm.isf(level_of(number)))


def spent(
    results: Iterable[StageResult], promotions: Iterable[Promotion]
) -> Mapping[str, int]:
    """How many verdicts there were against each champion, by its bundle's SHA-256.

    results: of trainings; those that ended without a verdict count for nothing. Verdicts
    of an older trainer name the version only: promotions say which bundle it has.
    """
    bundles = {each.model_version: each.bundle_sha256 for each in promotions}
    found: dict[str, int] = {}
    for result in results:
        if not result.verdict.is_of_a_model:
            continue
        told = TrainedStatistics.read(result.statistics)
        rival = told.champion_sha256 or bundles.get(told.champion_version or "", CHANCE)
        found[rival] = found.get(rival, 0) + 1
    return found

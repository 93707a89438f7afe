"""How far the values of a batch are from those that a model learned from; pure."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from pydantic import JsonValue

from relevo_contracts.manifest import Reference
from relevo_features.texts import text_of

HALF = 0.5
"""Added to each bin, so that an empty one is no infinity."""


def counted(reference: Reference, values: Iterable[tuple[JsonValue, int]]) -> list[int]:
    """Rows of a batch by the reference's bins, the missing ones last.

    values: different clean values, each with its rows; None and not-a-number are missing.
    """
    counts = [0] * (len(reference.counts) + 1)
    places = {word: place for place, word in enumerate(reference.words or ())}
    for value, rows in values:
        if value is None or value != value:
            place = len(counts) - 1
        elif reference.edges is not None:
            place = bisect_left(reference.edges, float(value))  # type: ignore[arg-type]
        else:
            place = places.get(text_of(value), len(places))
        counts[place] += rows
    return counts


def stability_index(reference: Reference, counts: Sequence[int]) -> float:
    """The population stability index of a batch's counts, as `counted` gives them.

    It is to be compared with the reference's `psi_noise`.
    """
    ours, theirs = _shares((*reference.counts, reference.missing)), _shares(counts)
    pairs = zip(ours, theirs, strict=True)
    return sum((there - here) * math.log(there / here) for here, there in pairs)


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts) + HALF * len(counts)
    return [(count + HALF) / total for count in counts]

"""What was usual in the batches before: shares of unknown and of missing values; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Usual:
    """Per feature the shares over all rows, 0 to 1; of a new feature there is none."""

    unknown: Mapping[str, float] = field(default_factory=dict)
    missing: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Shares:
    """Per feature the shares of one batch of so many rows."""

    rows: int
    unknown: Mapping[str, float]
    missing: Mapping[str, float]


def usual_of(batches: Iterable[Shares]) -> Usual:
    """The shares over the rows of all these batches."""
    known = list(batches)
    return Usual(
        unknown=_pooled((each.rows, each.unknown) for each in known),
        missing=_pooled((each.rows, each.missing) for each in known),
    )


def _pooled(noted: Iterable[tuple[int, Mapping[str, float]]]) -> dict[str, float]:
    rows_of: dict[str, int] = {}
    found: dict[str, float] = {}
    for rows, shares in noted:
        for feature, share in shares.items():
            rows_of[feature] = rows_of.get(feature, 0) + rows
            found[feature] = found.get(feature, 0.0) + share * rows
    return {feature: found[feature] / rows for feature, rows in rows_of.items() if rows}

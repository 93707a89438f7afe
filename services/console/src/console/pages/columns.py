"""A figure batch by batch as small columns: an SVG's rectangles, from zero; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 100.0, 30.0
GAP = 0.2
"""Of a column's place stays free."""


@dataclass(frozen=True)
class Bar:
    """One column; told: what it stands for, in words."""

    x: float
    y: float
    width: float
    height: float
    told: str


@dataclass(frozen=True)
class Columns:
    """A figure over batches. newest, low, high: in words."""

    title: str
    newest: str
    low: str
    high: str
    bars: tuple[Bar, ...]


def columns_of(
    title: str,
    values: Sequence[tuple[str, float | None]],
    told: Callable[[float], str],
) -> Columns | None:
    """The figure of each batch, by its name, oldest first; None where there is none."""
    known = [value for _, value in values if value is not None]
    if not known:
        return None
    top = max(*known, 0.0) or 1.0
    place = WIDTH / len(values)
    bars = [
        Bar(
            x=round(place * (index + GAP / 2), 2),
            y=round(HEIGHT * (1 - value / top), 2),
            width=round(place * (1 - GAP), 2),
            height=round(HEIGHT * value / top, 2),
            told=f"{name}: {told(value)}",
        )
        for index, (name, value) in enumerate(values)
        if value is not None
    ]
    return Columns(title, told(known[-1]), told(min(known)), told(max(known)), tuple(bars))

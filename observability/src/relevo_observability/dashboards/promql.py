"""Expressions that several panels are made of."""


def mean(metric: str, by: str, where: str = "") -> str:
    """The mean of a histogram over the last quarter of an hour: events are rare here."""
    seconds, times = (
        f"sum by ({by}) (increase({metric}_{part}{where}[15m]))"
        for part in ("sum", "count")
    )
    return f"{seconds} / ({times} > 0)"


def growth(metric: str, by: str, over: str) -> str:
    """By how much a counter grew over that time."""
    return f"sum by ({by}) (increase({metric}[{over}]))"


def rate(metric: str, by: str, where: str = "") -> str:
    """How fast a counter grows per second, over a few scrapes."""
    return f"sum by ({by}) (rate({metric}{where}[$__rate_interval]))"

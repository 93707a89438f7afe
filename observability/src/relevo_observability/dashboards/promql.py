"""Expressions that several panels are made of."""

DATASET = 'dataset=~"$dataset"'
DATASET_OR_NONE = 'dataset=~"$dataset|"'
"""Also what is no single dataset's."""
MODEL = 'model=~"$model"'
MODEL_OF_DATASET = 'model=~"$dataset"'
"""A model bears the name of its dataset."""

OURS = 'group=~"(cleaner|trainer)-.+"'
"""The groups of our services: an open Kafka console is a group too."""


def of(metric: str, *matchers: str) -> str:
    """The series of a metric that match: 'metric{a="b", c=~"d"}'."""
    return f"{metric}{{{', '.join(matchers)}}}" if matchers else metric


def mean(metric: str, by: str, *matchers: str) -> str:
    """The mean of a histogram over the last quarter of an hour: events are rare here."""
    seconds, times = (
        f"sum by ({by}) (increase({of(f'{metric}_{part}', *matchers)}[15m]))"
        for part in ("sum", "count")
    )
    return f"{seconds} / ({times} > 0)"


def within(share: float, buckets: str) -> str:
    """What that share of a histogram's values is below; nothing where there are none."""
    return f"histogram_quantile({share}, {buckets}) >= 0"


def newest(metric: str) -> str:
    """The highest value of each dataset."""
    return f"max by (dataset) ({of(metric, DATASET)})"


def growth(metric: str, by: str, over: str, *matchers: str) -> str:
    """By how much a counter of rare things grew over that time, in whole numbers."""
    return f"round(sum by ({by}) (increase({of(metric, *matchers)}[{over}])))"


def rate(metric: str, by: str, *matchers: str) -> str:
    """How fast a counter grows per second, over a few scrapes."""
    return f"sum by ({by}) (rate({of(metric, *matchers)}[$__rate_interval]))"

"""How a service hears each dataset by itself: a consumer group and its keys per dataset."""

from collections.abc import Callable, Sequence
from functools import partial

Takes = Callable[[bytes | None], bool]
"""Whether a record of this key is for the lane."""


def lanes(service: str, datasets: Sequence[str]) -> dict[str, Takes]:
    """The group of each dataset, such as trainer-pima, and what it takes.

    A record's key is its dataset, or a batch of it: pima-0004. What is for none of them is
    the first one's, so that each record is taken by exactly one lane.
    """
    return {f"{service}-{name}": partial(_takes, name, datasets) for name in datasets}


def _takes(dataset: str, datasets: Sequence[str], key: bytes | None) -> bool:
    begin = (key or b"") + b"-"
    found = [name for name in datasets if begin.startswith(f"{name}-".encode())]
    return dataset == max(found, key=len, default=datasets[0])

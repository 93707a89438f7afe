"""How a service hears each dataset by itself: a consumer group and its keys per dataset."""

import operator
from collections.abc import Callable, Sequence
from functools import partial

Takes = Callable[[bytes | None], bool]
"""Whether a record of this key is for the lane."""


def lanes(service: str, datasets: Sequence[str]) -> dict[str, Takes]:
    """The group of each dataset, such as trainer-pima, and what it takes.

    A record's key is its dataset. What is for none of them is the first one's, so that
    each record is taken by exactly one lane.
    """
    first, *others = datasets
    elsewhere = frozenset(name.encode() for name in others)
    return {f"{service}-{first}": lambda key: key not in elsewhere} | {
        f"{service}-{name}": partial(operator.eq, name.encode()) for name in others
    }

"""What goes wrong with a batch although each value is one that may be: seeded, pure."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from relevo_datasets import TARGET

Poison = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]
"""A clean batch -> the same with something wrong."""

NOT_KNOWN_YET = 0.9
"""Of the positives, where labels were taken before they were ripe."""


def flipped(frame: pd.DataFrame, _: np.random.Generator) -> pd.DataFrame:
    """The classes are named the other way round."""
    return frame.assign(**{TARGET: frame[TARGET].max() - frame[TARGET]})


def shuffled(frame: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Labels belong to other rows."""
    return frame.assign(**{TARGET: random.permutation(frame[TARGET].to_numpy())})


def unripe(frame: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Most of what will come has not come yet."""
    is_known = random.random(len(frame)) >= NOT_KNOWN_YET
    return frame.assign(**{TARGET: frame[TARGET].where(is_known, 0).astype("int8")})


def lost(column: str) -> Poison:
    """A column has its smallest value in all rows."""

    def poison(frame: pd.DataFrame, _: np.random.Generator) -> pd.DataFrame:
        least = frame[column].min()
        return frame.assign(**{column: frame[column].where(frame[column].isna(), least)})

    return poison


def swapped(one: str, other: str) -> Poison:
    """Two columns stand under each other's names."""

    def poison(frame: pd.DataFrame, _: np.random.Generator) -> pd.DataFrame:
        return frame.assign(**{one: frame[other], other: frame[one]})

    return poison


POISONS: Mapping[str, Mapping[str, Poison]] = {
    "diabetes130": {
        "labels flipped": flipped,
        "labels shuffled": shuffled,
        "labels not ripe": unripe,
        "number_inpatient lost": lost("number_inpatient"),
        "two columns swapped": swapped("number_inpatient", "time_in_hospital"),
    },
    "pima": {"labels flipped": flipped, "labels shuffled": shuffled},
    "covertype": {
        "labels flipped": flipped,
        "labels shuffled": shuffled,
        "Elevation lost": lost("Elevation"),
        "two columns swapped": swapped("Elevation", "Horizontal_Distance_To_Roadways"),
    },
}
"""By dataset, what each is called."""

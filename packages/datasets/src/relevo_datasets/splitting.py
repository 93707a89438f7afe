"""Which split a row is in: decided by a hash of its group, the same for ever."""

import math
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

import pandas as pd

TRAIN = "train"
VALIDATION = "validation"
TEST = "test"
SPLITS = (TRAIN, VALIDATION, TEST)


@dataclass(frozen=True)
class SplitRatios:
    """The shares of train, validation and test; any positive numbers, 70/15/15 or 7/2/1.

    Raises ValueError when one of them is not positive.
    """

    train: float
    validation: float
    test: float

    def __post_init__(self) -> None:
        shares = (self.train, self.validation, self.test)
        if not all(0 < share < math.inf for share in shares):
            raise ValueError(f"train, validation, test need positive shares, not {self}")

    def __str__(self) -> str:
        return f"{self.train:g}/{self.validation:g}/{self.test:g}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "70/15/15"; raises ValueError for what are not three numbers."""
        try:
            train, validation, test = (float(part) for part in text.split("/"))
        except ValueError:
            raise ValueError(f"{text!r} is not train/validation/test") from None
        return cls(train, validation, test)

    def split_at(self, position: float) -> str:
        """The split that lies at a position from 0 to 1."""
        total = self.train + self.validation + self.test
        if position < self.train / total:
            return TRAIN
        if position < (self.train + self.validation) / total:
            return VALIDATION
        return TEST


USUAL_RATIOS = SplitRatios(70, 15, 15)
USUAL_SALT = "relevo"


def split_of(group: str, ratios: SplitRatios, *, salt: str) -> str:
    """The split of a group; another salt is another, independent, division."""
    digest = blake2b(f"{salt}|{group}".encode(), digest_size=8).digest()
    return ratios.split_at(int.from_bytes(digest) / 2**64)


def splits_of(groups: pd.Series, ratios: SplitRatios, *, salt: str) -> pd.Series:
    """The split of each row's group, as text."""
    splits = {group: split_of(group, ratios, salt=salt) for group in groups.unique()}
    return groups.map(splits).astype("str")

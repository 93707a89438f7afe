"""What the columns of a table hold: counted over all of its rows, a part at a time."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from relevo_features.kinds import NUMBER

MISSING = frozenset(
    {"", "?", "NA", "N/A", "n/a", "na", "<NA>", "#N/A", "nan", "NaN", "NAN", "null", "Null"}
    | {"NULL", "NaT", "-", "--", ".", "missing", "Missing"}
)
"""What is taken for no value in any column."""
NOTHING = frozenset({"None", "none"})
"""What is taken for no value among numbers; elsewhere it may well be a word."""

MOST_WORDS = 20_000
MOST_NUMBERS = 20_000
MOST_UNIQUE = 2_000_000
IS_NUMBER = f"^(?:{NUMBER.pattern})$"
IS_DECIMAL_COMMA = r"^[+-]?[0-9]+,[0-9]+$"
IS_PADDED = r"^[+-]?0[0-9]"
IS_DATE = r"^[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[T ].*)?$"


@dataclass
class Profile:
    """What a column holds; surrounding blanks are no part of a value.

    missing: rows by the spelling of a missing value. words: rows by value, without the
    missing ones, until there are MOST_WORDS of them. numbers: the first ones.
    padded: numbers that begin with zeros, as postal codes do. dates, commas: values that
    look like dates, like numbers with a decimal comma.
    """

    name: str
    rows: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    has_all_words: bool = True
    is_unique: bool = True
    longest: int = 0
    number_count: int = 0
    minimum: float = np.inf
    maximum: float = -np.inf
    is_whole: bool = True
    numbers: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    strange: Counter[str] = field(default_factory=Counter)
    padded: int = 0
    dates: int = 0
    commas: int = 0
    _seen: set[str] = field(default_factory=set)

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing.total()

    @property
    def is_number(self) -> bool:
        """Whether all values are numbers, none of them a code with leading zeros."""
        return 0 < self.number_count == self.present and not self.padded

    def add(self, column: pa.ChunkedArray) -> None:
        """Count the values of more rows."""
        text = pc.utf8_trim_whitespace(pc.fill_null(column, ""))
        counts = _counts(text)
        self.rows += len(text)
        self.missing.update({w: n for w, n in counts.items() if w in MISSING})
        here = {word: n for word, n in counts.items() if word not in MISSING}
        self._add_words(here)
        values = pa.array(list(here), pa.string())
        self._add_numbers(values, here)
        for name, pattern in (("padded", IS_PADDED), ("dates", IS_DATE),
                              ("commas", IS_DECIMAL_COMMA)):  # fmt: skip
            fits = values.filter(pc.match_substring_regex(values, pattern)).to_pylist()
            setattr(self, name, getattr(self, name) + sum(here[word] for word in fits))

    def _add_words(self, here: dict[str, int]) -> None:
        if self.is_unique:
            before = len(self._seen)
            self._seen.update(here)
            is_new = len(self._seen) == before + sum(here.values())
            self.is_unique = is_new and len(self._seen) <= MOST_UNIQUE
            if not self.is_unique:
                self._seen = set()
        self.longest = max(self.longest, *map(len, here), 0)
        if self.has_all_words:
            self.words.update(here)
            self.has_all_words = len(self.words) <= MOST_WORDS
            if not self.has_all_words:
                self.words = Counter(dict(self.words.most_common(100)))

    def _add_numbers(self, values: pa.Array, here: dict[str, int]) -> None:
        fits = pc.match_substring_regex(values, IS_NUMBER)
        strange = values.filter(pc.invert(fits)).to_pylist()
        if len(self.strange) < 100:
            self.strange.update({word: here[word] for word in strange})
        written = values.filter(fits).to_pylist()
        if not written:
            return
        numbers = pd.to_numeric(pd.Series(written)).to_numpy(dtype=np.float64)
        times = np.array([here[word] for word in written])
        self.number_count += int(times.sum())
        self.minimum = min(self.minimum, float(numbers.min()))
        self.maximum = max(self.maximum, float(numbers.max()))
        self.is_whole = self.is_whole and bool(np.all(numbers % 1 == 0))
        if len(self.numbers) < MOST_NUMBERS:
            self.numbers = np.concatenate([self.numbers, np.repeat(numbers, times)])


def _counts(text: pa.ChunkedArray) -> dict[str, int]:
    counted = pc.value_counts(text).flatten()
    return dict(zip(counted[0].to_pylist(), counted[1].to_pylist(), strict=True))

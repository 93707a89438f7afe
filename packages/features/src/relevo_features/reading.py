"""One reader of a feature's values, for cleaner, JSON, CSV, Arrow and MLflow alike."""

import difflib
from collections.abc import Iterable
from itertools import takewhile

from pydantic import JsonValue

from relevo_contracts.features import Feature
from relevo_features.kinds import NUMBER, kind_of
from relevo_features.texts import Unfit, text_of

NO_VALUE = "has no value"
UNKNOWN_WORD = "is none of its words"
REQUIRED = "is required"


class Reader:
    """Reads values of one feature, raw or clean, text or not; compiled once.

    known: the words that the dataset knows, as text; None: any will do.
    allowed: what it takes, in words. default: of a row that left the feature out.
    """

    def __init__(self, feature: Feature) -> None:
        """Raises Unfit when the feature's own default or null_means does not fit it."""
        self.feature = feature
        self.kind = kind_of(feature)
        self._parse = self.kind.parser(feature)
        self._missing = frozenset(feature.missing) | {""}
        numbers = (float(word) for word in feature.missing if NUMBER.fullmatch(word))
        self._numbers = frozenset(numbers)
        self.missing_numbers = self._numbers if self.kind.is_quantity else frozenset()
        words = self.kind.words(feature)
        self.known = None if words is None else frozenset(map(text_of, words))
        self.default = None if feature.default is None else self._parse(feature.default)
        means = feature.null_means
        self._null = None if means is None else self._parse(means)
        if self.known is not None:
            # the declaration itself makes these known
            own = (word for word in (self.default, self._null) if word is not None)
            self.known |= set(map(text_of, own))
        self.takes_null = feature.nullable or self._null is not None or not feature.required
        allowed = self.kind.allowed(feature)
        self.allowed = f"{allowed}, or null" if feature.nullable else allowed

    def read(self, value: JsonValue) -> JsonValue:
        """The clean value, None for a missing one; raises Unfit."""
        clean = self.given(value)
        return self.when_missing() if clean is None else clean

    def given(self, value: JsonValue) -> JsonValue:
        """The clean value, or the word that a missing one means; None: it means none.

        Raises Unfit.
        """
        if value is None or value != value:
            return self._null
        if isinstance(value, str):
            value = value.strip()
            if value in self._missing:
                return self._null
        if self._numbers and self._is_missing_number(value):
            return self._null
        clean = self._parse(value)
        if isinstance(clean, str) and clean in self._missing:
            return self._null
        if self.feature.closed and self._is_strange(clean):
            raise Unfit(UNKNOWN_WORD)
        return clean

    def read_all(
        self, values: Iterable[JsonValue]
    ) -> tuple[list[JsonValue], dict[int, str], set[int]]:
        """The clean values; by the place of each that does not fit (None) why; and the
        places of those that are missing, whatever stands for them."""
        clean: list[JsonValue] = []
        unfit: dict[int, str] = {}
        missing: set[int] = set()
        for place, value in enumerate(values):
            found: JsonValue = None
            try:
                found = self.given(value)
                if found is None:
                    missing.add(place)
                    found = self.when_missing()
            except Unfit as error:
                unfit[place] = str(error)
            clean.append(found)
        return clean, unfit, missing

    def when_missing(self) -> JsonValue:
        """What a missing value means: a word, null, or the default; raises Unfit."""
        if self._null is not None:
            return self._null
        if self.feature.nullable:
            return None
        if not self.feature.required:
            return self.default
        raise Unfit(NO_VALUE)

    def when_absent(self) -> JsonValue:
        """What a row means that left the feature out; raises Unfit."""
        if self.feature.required:
            raise Unfit(REQUIRED)
        return self.when_missing() if self.default is None else self.default

    def is_unseen(self, clean: JsonValue) -> bool:
        """True for a clean value that the dataset does not know; it is answered."""
        return clean is not None and self._is_strange(clean)

    def nearest(self, value: JsonValue) -> str | None:
        """The known word that may be meant by one that does not fit."""
        if not isinstance(value, str) or not self.known or len(value) > 64:
            return None
        words = {word.casefold(): word for word in sorted(self.known)}
        meant = value.strip().casefold()
        near = difflib.get_close_matches(meant, words, n=5)
        # of words that are as near, the one that begins alike: [70-80) for [70-79)
        best = max(near, key=lambda word: _common_start(word, meant), default=None)
        return None if best is None else words[best]

    def advice(self, value: JsonValue, reason: str) -> str:
        """Why a value does not fit, with the word that may be meant."""
        near = self.nearest(value) if reason == UNKNOWN_WORD else None
        return f"{reason}; did you mean {near!r}?" if near else reason

    def _is_strange(self, clean: JsonValue) -> bool:
        return self.known is not None and text_of(clean) not in self.known

    def _is_missing_number(self, value: JsonValue) -> bool:
        """True for a number that stands for no value; of a quantity also as a text."""
        if isinstance(value, str):
            if not self.kind.is_quantity or not NUMBER.fullmatch(value):
                return False
            value = float(value)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and value in self._numbers


def _common_start(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

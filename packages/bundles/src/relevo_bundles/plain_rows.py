"""A body that is plainly one valid row becomes a model's inputs in a few microseconds."""

import math
import re
from operator import contains
from typing import Annotated, Any

import msgspec
from pydantic import JsonValue

from relevo_bundles.encoding import Encoder, NumberOf, Row, quantity
from relevo_bundles.requests import Field, RequestSchema
from relevo_bundles.values import EXACT, MAX_TEXT
from relevo_contracts import Feature

Values = tuple[JsonValue, ...]
"""Clean values in the features' order."""
Unseen = tuple[str, ...]
"""The features whose category the dataset does not know."""
Numbers = dict[JsonValue, float]

ANYTHING = "(?s).*"
MAX_CODES = 100_000
"""So many codes that fit are remembered per feature; ICD-9-CM has 15,000."""


class PlainRows:
    """Reads rows by a type that is made of the features, once per model.

    It takes less than `RequestSchema.check` does, never more, makes the same of it, and
    does not say why not. A word that is known costs one look-up; any other, a closer look.
    """

    def __init__(
        self, features: tuple[Feature, ...], schema: RequestSchema, encoder: Encoder
    ) -> None:
        self._names = [feature.name for feature in features]
        self._encoder = encoder
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
            _row_type(features, schema)
        )
        self._decode = decoder.decode
        self._words = {
            place: words
            for place, each in enumerate(zip(features, schema.fields, strict=True))
            if (words := Vocabulary.of(*each)) is not None
        }
        self._places = [self._names.index(name) for name, _ in encoder.inputs]
        self._tables = [
            self._table(place, number_of)
            for place, (_, number_of) in zip(self._places, encoder.inputs, strict=True)
        ]
        unused = [place for place in self._words if place not in self._places]
        self._unused = unused, [self._words[place].known for place in unused]

    def _table(self, place: int, number_of: NumberOf) -> Numbers | None:
        """Of an input's known words; None: the value is the number itself."""
        if number_of is quantity:
            return None
        # numbers that are looked up have no words that could be known
        return self._words[place].table(number_of) if place in self._words else {}

    def read(self, body: bytes) -> tuple[Row, Unseen] | None:
        """The inputs of the row; None: it is none, or the ordinary way has to look."""
        try:
            values: Values = msgspec.structs.astuple(self._decode(body))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        row = numbers(values, self._places, self._tables)
        places, known = self._unused
        if row is None or not all(map(contains, known, map(values.__getitem__, places))):
            return self._look(values)
        return row, ()

    def _look(self, values: Values) -> tuple[Row, Unseen] | None:
        """The same for words of which some are not known: unseen, unfit or simply new."""
        unseen = []
        for place, words in self._words.items():
            value = values[place]
            if value in words.known:
                continue
            if words.fits is None:
                unseen.append(self._names[place])
            elif words.fits(str(value)) is None:
                return None
            else:
                words.learn(value)
        named = dict(zip(self._names, values, strict=True))
        return self._encoder.encode_row(named), tuple(unseen)


class Vocabulary:
    """The words of one feature: those that are known, and what makes a new one known."""

    def __init__(self, known: set[JsonValue], pattern: str | None) -> None:
        self.known = known
        self.fits = re.compile(pattern).fullmatch if pattern is not None else None
        self._tables: list[tuple[Numbers, NumberOf]] = []

    @classmethod
    def of(cls, feature: Feature, field: Field) -> "Vocabulary | None":
        """None: the feature has numbers."""
        plain: set[JsonValue] = {None} if feature.nullable else set()
        if not field.required:
            plain.add(field.default)
        if feature.kind == "boolean":
            return cls({*plain, False, True}, None)
        if field.known is not None:
            is_number = feature.kind == "identifier"
            return cls({*plain, *(int(w) if is_number else w for w in field.known)}, None)
        if feature.kind in {"category", "code"}:
            return cls(plain, feature.pattern or ANYTHING)
        return None

    def table(self, number_of: NumberOf) -> Numbers:
        """A table of the numbers of the known words, which is kept complete."""
        table = {word: number_of(word) for word in self.known}
        self._tables.append((table, number_of))
        return table

    def learn(self, word: JsonValue) -> None:
        """Know the word from now on."""
        if len(self.known) < MAX_CODES:
            self.known.add(word)
            for table, number_of in self._tables:
                table[word] = number_of(word)


def _row_type(features: tuple[Feature, ...], schema: RequestSchema) -> type:
    names = {f"f{place}": feature.name for place, feature in enumerate(features)}
    fields = [
        (alias, _type_of(feature), *([] if field.required else [field.default]))
        for alias, feature, field in zip(names, features, schema.fields, strict=True)
    ]
    return msgspec.defstruct(
        "Row", fields, rename=names, forbid_unknown_fields=True, kw_only=True, gc=False
    )


def _type_of(feature: Feature) -> Any:
    """A type of which msgspec takes only what the feature's own checker takes."""
    low = -EXACT if feature.minimum is None else feature.minimum
    high = EXACT if feature.maximum is None else feature.maximum
    kind: Any
    match feature.kind:
        case "integer" | "identifier":
            limits = msgspec.Meta(ge=math.ceil(low), le=math.floor(high))
            kind = Annotated[int, limits]
        case "number":
            # whole numbers of more digits are rounded, and must not pass as EXACT
            low, high = max(low, 1 - EXACT), min(high, EXACT - 1)
            kind = Annotated[float, msgspec.Meta(ge=low, le=high)]
        case "boolean":
            kind = bool
        case "category" | "code":
            kind = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
    return kind | None if feature.nullable else kind


def slow_numbers(
    values: Values, places: list[int], tables: list[Numbers | None]
) -> Row | None:
    """The numbers of the values at the places; None: a table does not have one."""
    try:
        return [
            values[place] if table is None else table[values[place]]  # type: ignore[misc]
            for place, table in zip(places, tables, strict=True)
        ]
    except KeyError:
        return None


try:
    from relevo_bundles.native import numbers
except ImportError:  # there was no compiler where the package was built
    numbers = slow_numbers

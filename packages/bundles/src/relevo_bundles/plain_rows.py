"""A body that is plainly one valid row becomes a model's inputs in a few microseconds."""

import math
from operator import contains
from typing import Annotated, Any

import msgspec
from pydantic import JsonValue

from relevo_bundles.encoding import Encoder, NumberOf, Row, quantity
from relevo_bundles.requests import RequestSchema
from relevo_features import EXACT, MAX_TEXT, Reader, Unfit, limits, text_of

Values = tuple[JsonValue, ...]
"""Clean values in the features' order."""
Unseen = tuple[str, ...]
"""The features whose category the dataset does not know."""
Numbers = dict[JsonValue, float]

MAX_CODES = 100_000
"""So many words that fit are remembered per feature; ICD-9-CM has 15,000."""


class PlainRows:
    """Reads rows by a type that is made of the features, once per model.

    It takes less than `RequestSchema.check` does, never more, makes the same of it, and
    does not say why not. A word that is known costs one look-up; any other, a closer look.
    """

    def __init__(self, schema: RequestSchema, encoder: Encoder) -> None:
        self._schema = schema
        self._readers = schema.readers
        self._names = [reader.feature.name for reader in schema.readers]
        self._encoder = encoder
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_row_type(schema.readers))
        self._decode = decoder.decode
        self._words = {
            place: Vocabulary(reader, schema)
            for place, reader in enumerate(schema.readers)
            if not reader.kind.is_quantity
        }
        self._places = [self._names.index(name) for name, _ in encoder.inputs]
        self._tables = [
            self._table(place, number_of)
            for place, (_, number_of) in zip(self._places, encoder.inputs, strict=True)
        ]
        unused = [place for place in self._words if place not in self._places]
        self._unused = unused, [self._words[place].known for place in unused]
        # numbers that say nothing, or by which a row is outside of the task
        self._special = [
            (place, limits(reader.feature)[0], special)
            for place, reader in enumerate(schema.readers)
            if (special := _special_numbers(reader, schema))
        ]

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
        for place, low, special in self._special:
            number = values[place]
            if number is not None and (number < low or number in special):  # type: ignore[operator]
                return self._look(values)
        return row, ()

    def _look(self, values: Values) -> tuple[Row, Unseen] | None:
        """The same where some are not known: other spellings, unseen, unfit, or new."""
        named: dict[str, JsonValue] = {}
        unseen = []
        for place, (name, reader) in enumerate(
            zip(self._names, self._readers, strict=True)
        ):
            try:
                named[name] = clean = reader.read(values[place])
            except Unfit:
                return None
            if reader.is_unseen(clean):
                unseen.append(name)
        if self._schema.population.objection(named):
            return None
        for place, words in self._words.items():
            words.learn(values[place])
        return self._encoder.encode_row(named), tuple(unseen)


class Vocabulary:
    """The words of one feature, as callers send them, of which nothing is to be said."""

    def __init__(self, reader: Reader, schema: RequestSchema) -> None:
        self._reader = reader
        self._outside = schema.population.words.get(reader.feature.name, {})
        self._tables: list[tuple[Numbers, NumberOf]] = []
        self.known: set[JsonValue] = set()
        words = reader.kind.words(reader.feature) or ()
        for word in (*words, *([None] if _takes_null(reader) else []), _default(reader)):
            if self._is_plain(word):
                self.known.add(word)

    def table(self, number_of: NumberOf) -> Numbers:
        """A table of the numbers of the known words, which is kept complete."""
        table = {word: number_of(self._reader.read(word)) for word in self.known}
        self._tables.append((table, number_of))
        return table

    def learn(self, word: JsonValue) -> None:
        """Know the word from now on, if it is as plain as the others."""
        if word in self.known or len(self.known) >= MAX_CODES:
            return
        if self._is_plain(word):
            self.known.add(word)
            for table, number_of in self._tables:
                table[word] = number_of(self._reader.read(word))

    def _is_plain(self, word: JsonValue) -> bool:
        """True for a word that fits, is not unseen, and whose rows are part of the task."""
        try:
            clean = self._reader.read(word)
        except Unfit:
            return False
        if clean is None:
            return True
        return not self._reader.is_unseen(clean) and text_of(clean) not in self._outside


def _special_numbers(reader: Reader, schema: RequestSchema) -> frozenset[float]:
    if not reader.kind.is_quantity:
        return frozenset()
    outside = schema.population.words.get(reader.feature.name, {})
    return reader.missing_numbers | frozenset(map(float, outside))


def _takes_null(reader: Reader) -> bool:
    # a quantity of which null is a number is left to the ordinary way
    feature = reader.feature
    if reader.kind.is_quantity:
        return feature.nullable and feature.null_means is None
    return feature.nullable or feature.null_means is not None


def _default(reader: Reader) -> JsonValue:
    """What stands for a field that was left out."""
    if reader.feature.required:
        return None
    return reader.kind.as_sent(reader.when_absent())


def _row_type(readers: tuple[Reader, ...]) -> type:
    names = {f"f{place}": reader.feature.name for place, reader in enumerate(readers)}
    fields = [
        (alias, _type_of(reader), *([] if reader.feature.required else [_default(reader)]))
        for alias, reader in zip(names, readers, strict=True)
    ]
    return msgspec.defstruct(
        "Row", fields, rename=names, forbid_unknown_fields=True, kw_only=True, gc=False
    )


def _type_of(reader: Reader) -> Any:
    """A type of which msgspec takes only what the feature's reader takes as it is."""
    feature = reader.feature
    low, high = limits(feature)
    # what says that nothing was measured may lie below; who reads it looks again
    low = min([low, *(number for number in reader.missing_numbers if number > -EXACT)])
    types: dict[str, Any] = {
        "integer": Annotated[int, msgspec.Meta(ge=math.ceil(low), le=math.floor(high))],
        # whole numbers of more digits are rounded, and must not pass as EXACT
        "number": Annotated[
            float, msgspec.Meta(ge=max(low, 1 - EXACT), le=min(high, EXACT - 1))
        ],
        "boolean": bool,
        "string": Annotated[str, msgspec.Meta(max_length=MAX_TEXT)],
    }
    kind = types[reader.kind.json_type]
    return kind | None if _takes_null(reader) else kind


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

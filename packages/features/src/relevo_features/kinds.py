"""The kinds of features: one record each, and nothing else in relevo switches on a kind."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from pydantic import JsonValue

from relevo_contracts.features import Feature, Kind
from relevo_features.texts import EXACT, MAX_TEXT, Unfit, text_of

Parse = Callable[[JsonValue], JsonValue]
"""The clean value of a value that is there; raises Unfit."""
Widget = Literal["number", "checkbox", "select", "text"]

# No two parts of a pattern take the same digits: else a long text takes hours to refuse.
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
WHOLE = re.compile(r"([+-]?)([0-9]+)(?:\.0+)?")
BOOLEANS = {"true": True, "false": False}
MOST_LISTED = 20


@dataclass(frozen=True)
class KindMeaning:
    """All that is to be known of a kind.

    parser: of a feature, what reads its values, raw or clean, text or not.
    allowed: what a feature takes, in words.
    words: the clean values that a feature knows, as a caller sends them; None: it has no
    list. schema: what JSON Schema says beyond the type. keys: of a feature's minimum,
    maximum, categories, closed, pattern and truths those that say something here.
    is_quantity: a number, not looked up by its text. is_input: models take it as it is;
    of a code they take what is derived from it.
    """

    name: Kind
    parser: Callable[[Feature], Parse]
    allowed: Callable[[Feature], str]
    words: Callable[[Feature], tuple[JsonValue, ...] | None]
    schema: Callable[[Feature], dict[str, Any]]
    json_type: Literal["integer", "number", "boolean", "string"]
    arrow_type: Literal["int64", "double", "bool", "string"]
    pandas_type: str
    pandas_nullable_type: str
    widget: Widget
    keys: tuple[str, ...] = ()
    is_quantity: bool = False
    is_input: bool = True

    def dtype(self, feature: Feature) -> str:
        """pandas' type for the clean column."""
        return self.pandas_nullable_type if feature.nullable else self.pandas_type

    def as_sent(self, clean: JsonValue) -> JsonValue:
        """A clean value as a caller sends it: an identifier's text as a whole number."""
        return (
            int(clean) if self.json_type == "integer" and isinstance(clean, str) else clean
        )


def kind_of(feature: Feature) -> KindMeaning:
    """What the kind of a feature means."""
    return KINDS[feature.kind]


def _number(feature: Feature, *, whole: bool) -> Parse:
    low, high = limits(feature)

    def parse(value: JsonValue) -> JsonValue:
        if isinstance(value, str) and NUMBER.fullmatch(value):
            value = float(value)
        kind = type(value)
        if kind is float and whole and value.is_integer():  # type: ignore[union-attr]
            value, kind = int(value), int  # type: ignore[arg-type]
        if kind is not int and (whole or kind is not float):
            raise Unfit("is not a whole number" if whole else "is not a number")
        # not-a-number is not between any two numbers
        if not low <= value <= high:  # type: ignore[operator]
            raise Unfit("is out of range")
        return value

    return parse


def limits(feature: Feature) -> tuple[float, float]:
    """The smallest and the largest number that a feature takes."""
    low = -EXACT if feature.minimum is None else feature.minimum
    high = EXACT if feature.maximum is None else feature.maximum
    return low, high


def _boolean(feature: Feature) -> Parse:
    words = {**BOOLEANS, **feature.truths}

    def parse(value: JsonValue) -> JsonValue:
        if value is True or value is False:
            return value
        text = _written(value)
        truth = words.get(text, BOOLEANS.get(text.lower()))
        if truth is None:
            raise Unfit("is not true or false")
        return truth

    return parse


def _identifier(_: Feature) -> Parse:
    def parse(value: JsonValue) -> JsonValue:
        text = "" if isinstance(value, bool) else _written(value)
        whole = WHOLE.fullmatch(text)
        if whole is None or len(text) > MAX_TEXT:
            raise Unfit("is not a whole number")
        number = whole[2].lstrip("0") or "0"
        if len(number) > 16 or int(number) > EXACT:
            raise Unfit("is out of range")
        return f"-{number}" if whole[1] == "-" and number != "0" else number

    return parse


def _text(feature: Feature) -> Parse:
    fits = re.compile(feature.pattern).fullmatch if feature.pattern else None

    def parse(value: JsonValue) -> JsonValue:
        if isinstance(value, bool):
            raise Unfit("is not text")
        text = _written(value)
        if len(text) > MAX_TEXT:
            raise Unfit(f"is longer than {MAX_TEXT} characters")
        if fits is not None and fits(text) is None:
            raise Unfit("has another form")
        return text

    return parse


def _written(value: JsonValue) -> str:
    """As a table of text would have it: a word that looks like a number may come as one."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        if abs(value) > EXACT:
            raise Unfit("is out of range")
        # pandas makes floats of whole numbers beside a missing one
        return text_of(value)
    raise Unfit("is not text")


def _number_words(feature: Feature, kind: str) -> str:
    low, high = feature.minimum, feature.maximum
    if low is not None and high is not None:
        return f"{kind} from {low:g} to {high:g}"
    if low is not None:
        return f"{kind}, {low:g} or more"
    return kind if high is None else f"{kind}, {high:g} or less"


def _listed(words: tuple[str, ...]) -> str:
    more = f" and {len(words) - MOST_LISTED} more" if len(words) > MOST_LISTED else ""
    return ", ".join(words[:MOST_LISTED]) + more


def _category_words(feature: Feature) -> str:
    return f"text: {_listed(feature.categories)}" if feature.categories else "text"


def _identifier_words(feature: Feature) -> str:
    told = f": {_listed(feature.categories)}" if feature.categories else ""
    return f"a whole number{told}"


def _code_words(feature: Feature) -> str:
    return f"text of the form {feature.pattern}" if feature.pattern else "text"


def _limits_schema(feature: Feature) -> dict[str, Any]:
    low, high = limits(feature)
    return {"minimum": low, "maximum": high}


def _text_schema(feature: Feature) -> dict[str, Any]:
    schema: dict[str, Any] = {"maxLength": MAX_TEXT}
    if feature.pattern:
        schema["pattern"] = f"^(?:{feature.pattern})$"
    return schema


def _no_words(_: Feature) -> None:
    return None


_ALL = (
    KindMeaning(
        name="integer",
        parser=lambda feature: _number(feature, whole=True),
        allowed=lambda feature: _number_words(feature, "a whole number"),
        words=_no_words,
        schema=_limits_schema,
        json_type="integer",
        arrow_type="int64",
        pandas_type="int64",
        pandas_nullable_type="Int64",
        widget="number",
        keys=("minimum", "maximum"),
        is_quantity=True,
    ),
    KindMeaning(
        name="number",
        parser=lambda feature: _number(feature, whole=False),
        allowed=lambda feature: _number_words(feature, "a number"),
        words=_no_words,
        schema=_limits_schema,
        json_type="number",
        arrow_type="double",
        pandas_type="float64",
        pandas_nullable_type="float64",
        widget="number",
        keys=("minimum", "maximum"),
        is_quantity=True,
    ),
    KindMeaning(
        name="boolean",
        parser=_boolean,
        allowed=lambda _: "true or false",
        words=lambda _: (False, True),
        schema=lambda _: {},
        json_type="boolean",
        arrow_type="bool",
        pandas_type="bool",
        pandas_nullable_type="boolean",
        widget="checkbox",
        keys=("truths",),
    ),
    KindMeaning(
        name="category",
        parser=_text,
        allowed=_category_words,
        words=lambda feature: feature.categories,
        schema=_text_schema,
        json_type="string",
        arrow_type="string",
        pandas_type="str",
        pandas_nullable_type="str",
        widget="select",
        keys=("categories", "closed", "pattern"),
    ),
    KindMeaning(
        name="identifier",
        parser=_identifier,
        allowed=_identifier_words,
        words=lambda feature: feature.categories and tuple(map(int, feature.categories)),
        schema=lambda _: {"minimum": -EXACT, "maximum": EXACT},
        json_type="integer",
        arrow_type="string",
        pandas_type="str",
        pandas_nullable_type="str",
        widget="select",
        keys=("categories", "closed"),
    ),
    KindMeaning(
        name="code",
        parser=_text,
        allowed=_code_words,
        words=_no_words,
        schema=_text_schema,
        json_type="string",
        arrow_type="string",
        pandas_type="str",
        pandas_nullable_type="str",
        widget="text",
        keys=("pattern",),
        is_input=False,
    ),
)
KINDS: Mapping[Kind, KindMeaning] = MappingProxyType({each.name: each for each in _ALL})

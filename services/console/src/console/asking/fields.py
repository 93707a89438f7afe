"""The fields of a form, out of what a model takes; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from relevo_contracts import Feature
from relevo_features import Reader, Unfit, Widget, kind_of, text_of

YES_NO = {"true": "yes", "false": "no"}
UNKNOWN = ("", "not known")
CHOOSE = ("", "choose …")


@dataclass(frozen=True)
class Field:
    """One feature as a person fills it in; what is chosen or written goes out as text.

    options: value and words; is_closed: nothing but one of them. value: what stands in
    it. error: what is wrong with that.
    """

    id: str
    name: str
    description: str
    widget: Widget
    options: tuple[tuple[str, str], ...]
    is_closed: bool
    is_required: bool
    takes_null: bool
    step: str
    minimum: str | None
    maximum: str | None
    value: str
    error: str | None

    @property
    def meaning(self) -> str:
        """Of what stands in it, where a word does not say it itself."""
        words = dict(self.options).get(self.value, self.value)
        return words.removeprefix(self.value).removeprefix(": ")

    @property
    def range(self) -> str:
        """Between which numbers it is, in words; "" where nothing is said."""
        if self.minimum is None:
            return "" if self.maximum is None else f"{self.maximum} or less"
        return f"{self.minimum} " + (f"to {self.maximum}" if self.maximum else "or more")


def fields_of(
    features: tuple[Feature, ...],
    values: Mapping[str, JsonValue],
    errors: Mapping[str, str],
) -> list[Field]:
    """A field per feature, those that a row must have first.

    values: what stands in them; a feature that is not there has its default.
    errors: by the features' names, or the names that the source has for them.
    """
    made = [
        field_of(f"field-{place}", feature, values, errors)
        for place, feature in enumerate(features)
    ]
    return sorted(made, key=lambda field: not field.is_required)


def field_of(
    key: str,
    feature: Feature,
    values: Mapping[str, JsonValue],
    errors: Mapping[str, str],
) -> Field:
    """The field of one feature."""
    kind, reader = kind_of(feature), Reader(feature)
    words = kind.words(feature)
    is_closed = feature.closed or kind.widget == "checkbox"
    options = [(text_of(word), words_of(feature, text_of(word))) for word in words or ()]
    value = values[feature.name] if feature.name in values else absent(reader)
    if is_closed and feature.nullable:
        options.insert(0, UNKNOWN)
    elif is_closed and value is None:
        options.insert(0, CHOOSE)
    shown = "" if value is None else text_of(value)
    if is_closed and shown not in dict(options):
        options.append((shown, shown))
    return Field(
        id=key,
        name=feature.name,
        description=feature.description,
        widget=kind.widget,
        options=tuple(options),
        is_closed=is_closed,
        is_required=feature.required,
        takes_null=reader.takes_null,
        step="1" if kind.json_type == "integer" else "any",
        minimum=None if feature.minimum is None else text_of(feature.minimum),
        maximum=None if feature.maximum is None else text_of(feature.maximum),
        value=shown,
        error=errors.get(feature.name) or errors.get(feature.raw_name),
    )


def words_of(feature: Feature, word: str) -> str:
    """A word with what it means."""
    meaning = feature.meanings.get(word)
    if meaning:
        return f"{word}: {meaning}"
    return YES_NO.get(word, word) if kind_of(feature).widget == "checkbox" else word


def absent(reader: Reader) -> JsonValue:
    """What a row means that leaves the feature out; None where it must not."""
    try:
        return reader.when_absent()
    except Unfit:
        return None


def lacking(features: tuple[Feature, ...], errors: Mapping[str, str]) -> list[str]:
    """What is wrong with names that no field has, as sentences."""
    known = {name for each in features for name in (each.name, each.raw_name)}
    return [
        f"{name}: {text}" if name else text
        for name, text in errors.items()
        if name not in known
    ]

"""A table in the source's own names and words becomes columns as a request has them.

What the cleaner means by a raw value is meant here too; the manifest says what that is.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from pydantic import JsonValue

from inference.tables.problems import invalid_columns
from relevo_bundles import Coded, FieldError
from relevo_bundles.columns import Column
from relevo_contracts import Feature, Manifest
from relevo_contracts.manifest import SourceWords

Read = Callable[[str], JsonValue]

PLAIN = SourceWords(missing=("",), truths={}, unknown={}, ignored=())
"""The words of a source that has none of its own."""

BOOLEANS = {"true": True, "false": False}
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def as_requested(
    manifest: Manifest, table: Iterable[tuple[str, Column]]
) -> dict[str, Column]:
    """The columns under their clean names; text is read by the kind of its feature.

    A column that no feature is made of is left out when the source is known to have it;
    any other keeps its name, for whoever checks the names. Raises Problem 422 for two
    columns of one feature.
    """
    words = manifest.source or PLAIN
    features = {
        **{feature.raw_name: feature for feature in manifest.features},
        **{feature.name: feature for feature in manifest.features},
    }
    columns: dict[str, Column] = {}
    for name, column in table:
        feature = features.get(name)
        if feature is None and name in words.ignored:
            continue
        clean_name = feature.name if feature else name
        if clean_name in columns:
            raise invalid_columns([FieldError(clean_name[:64], "has two columns")])
        columns[clean_name] = read_column(column, feature, words) if feature else column
    return columns


def read_column(column: Column, feature: Feature, words: SourceWords) -> Coded:
    """The column with each of its different texts read once."""
    read = reader(feature, words)
    coded = Coded.of(column)
    values = [read(value) if isinstance(value, str) else value for value in coded.values]
    return Coded(values, coded.codes)


def reader(feature: Feature, words: SourceWords) -> Read:
    """What reads a text as a value of the feature; what it cannot read stays a text."""
    nothing = {*words.missing, *words.unknown.get(feature.name, ())}
    read = _reader(feature, words.truths)

    def value(text: str) -> JsonValue:
        text = text.strip()
        return None if text in nothing else read(text)

    return value


def _reader(feature: Feature, truths: Mapping[str, bool]) -> Read:
    match feature.kind:
        case "integer" | "number" | "identifier":
            return lambda text: float(text) if NUMBER.fullmatch(text) else text
        case "boolean":
            return lambda text: truths.get(text, BOOLEANS.get(text.lower(), text))
        case "category" | "code":
            return lambda text: text

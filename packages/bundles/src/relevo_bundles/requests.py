"""The door of a model: one row of a request is checked against the manifest's features."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pydantic import JsonValue

from relevo_bundles.columns import ABSENT
from relevo_bundles.values import Check, Unfit, allowed, checker, shown
from relevo_contracts import Feature, Manifest

MAX_UNKNOWN = 10
"""More unknown fields than this are counted, not listed."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a row, in words that a person can act on."""

    field: str
    message: str
    value: str | None = None
    allowed: str | None = None


@dataclass(frozen=True, slots=True)
class CleanRow:
    """A row that fits: every feature has a value, null means missing.

    unseen: the features whose category the dataset does not know; they are answered.
    """

    values: dict[str, JsonValue]
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """What a request may carry under one name."""

    name: str
    check: Check
    allowed: str
    required: bool
    nullable: bool
    default: JsonValue
    known: frozenset[str] | None

    def clean(self, value: JsonValue) -> JsonValue:
        """The clean value of a value that fits; raises Unfit."""
        return None if value is None and self.nullable else self.check(value)

    def is_unseen(self, value: JsonValue) -> bool:
        """True for a clean value that is a category which the dataset does not know."""
        return self.known is not None and value is not None and str(value) not in self.known


class RequestSchema:
    """The checkers of all features of a model, compiled once."""

    def __init__(self, manifest: Manifest) -> None:
        self.fields = tuple(map(_field, manifest.features))
        self.names = {field.name for field in self.fields}
        self._unknown = _explainer(manifest)

    def check(self, row: Mapping[str, JsonValue]) -> CleanRow | list[FieldError]:
        """The clean row, or everything that is wrong with it; pure."""
        values: dict[str, JsonValue] = {}
        unseen: list[str] = []
        errors: list[FieldError] = []
        for field in self.fields:
            name = field.name
            value = row.get(name, ABSENT)
            if value is ABSENT:
                if field.required:
                    errors.append(FieldError(name, "is required", None, field.allowed))
                values[name] = field.default
                continue
            try:
                values[name] = value = field.clean(value)
            except Unfit as unfit:
                errors.append(FieldError(name, str(unfit), shown(value), field.allowed))
                continue
            if field.is_unseen(value):
                unseen.append(name)
        if unknown := row.keys() - self.names:
            # first, as an unknown name may be why another is lacking
            errors = self._refused(row, unknown) + errors
        return errors or CleanRow(values, tuple(unseen))

    def _refused(self, row: Mapping[str, JsonValue], unknown: set[str]) -> list[FieldError]:
        names = [name for name in row if name in unknown]
        errors = [
            FieldError(shown(name), self._unknown(name[:200]), shown(row[name]))
            for name in names[:MAX_UNKNOWN]
        ]
        if (more := len(names) - MAX_UNKNOWN) > 0:
            errors.append(FieldError("…", f"and {more} more unknown fields"))
        return errors


def _field(feature: Feature) -> Field:
    default: JsonValue = feature.default
    # JSON has one kind of number, and a default of 1 may come back as 1.0
    if feature.kind in {"integer", "identifier"} and isinstance(default, float):
        default = int(default)
    known: frozenset[str] | None = None
    if feature.kind in {"category", "identifier"} and feature.categories:
        # the manifest itself makes a default known
        known = frozenset(feature.categories) | (
            set() if default is None else {str(default)}
        )
    return Field(
        name=feature.name,
        check=checker(feature),
        allowed=allowed(feature),
        required=feature.required,
        nullable=feature.nullable,
        default=default,
        known=known,
    )


def _explainer(manifest: Manifest) -> Callable[[str], str]:
    """What is said about a field that nobody knows, with the name that may be meant."""
    by_raw_name = {feature.raw_name.lower(): feature.name for feature in manifest.features}
    names = {feature.name.lower(): feature.name for feature in manifest.features}

    @lru_cache(maxsize=1000)
    def explain(unknown: str) -> str:
        told = f"is not a field of {manifest.dataset}"
        meant = by_raw_name.get(unknown.lower())
        if meant is None:
            near = difflib.get_close_matches(unknown.lower(), names, n=1, cutoff=0.6)
            meant = names[near[0]] if near else None
        return f"{told}; did you mean `{meant}`?" if meant else told

    return explain

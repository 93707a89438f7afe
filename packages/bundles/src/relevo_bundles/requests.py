"""The door of a model: one row of a request is checked against the manifest's features."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from relevo_bundles.columns import ABSENT
from relevo_contracts import Manifest
from relevo_features import MAX_TEXT, Population, Reader, Unfit, shown

ID = "id"
"""The field of a row that no model takes: it is carried through to the answer."""

MAX_UNKNOWN = 10
"""More unknown fields than this are counted, not listed."""

MAX_KNOWN_TYPOS = 1000
"""So many unknown names are remembered with the name that may be meant."""


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
    id: what the caller calls the row; None: nothing.
    """

    values: dict[str, JsonValue]
    unseen: tuple[str, ...] = ()
    id: JsonValue = None


class RequestSchema:
    """The readers of all features of a model, compiled once.

    names: the features' clean names. meant: the clean name of each other name that a
    feature has in the source's table. taken: every name that a row may have.
    """

    def __init__(self, manifest: Manifest) -> None:
        self.readers = tuple(Reader(feature) for feature in manifest.features)
        self.population = Population(manifest.outside)
        self.names = frozenset(feature.name for feature in manifest.features)
        self.meant = {
            feature.raw_name: feature.name
            for feature in manifest.features
            if feature.raw_name not in self.names
        }
        ids = (ID, *([manifest.row_id] if manifest.row_id else []))
        self.ids = tuple(name for name in ids if name not in {*self.names, *self.meant})
        self.taken = {*self.names, *self.meant, *self.ids, *manifest.ignored}
        self._unknown = _explainer(manifest)

    def check(
        self, row: Mapping[str, JsonValue], *, suggest: bool = True
    ) -> CleanRow | list[FieldError]:
        """The clean row, or everything that is wrong with it; pure.

        suggest: look for the word that may be meant, which takes milliseconds.
        """
        values: dict[str, JsonValue] = {}
        unseen: list[str] = []
        errors: list[FieldError] = []
        given = self._under_clean_names(row)
        for reader in self.readers:
            name = reader.feature.name
            value = given.get(name, ABSENT)
            try:
                values[name] = clean = (
                    reader.when_absent() if value is ABSENT else reader.read(value)
                )
            except Unfit as unfit:
                errors.append(_error(reader, value, str(unfit), suggest=suggest))
                continue
            if reader.is_unseen(clean):
                unseen.append(name)
        # first, as an unknown name may be why another is lacking
        errors = self.refused_names(row, suggest=suggest) + errors
        if not errors and (objection := self.population.objection(values)):
            feature, reason = objection
            errors = [FieldError(feature, reason, shown(values[feature]))]
        return errors or CleanRow(values, tuple(unseen), self.id_of(row))

    def id_of(self, row: Mapping[str, JsonValue]) -> JsonValue:
        """What the caller calls the row: its `id`, or the source's own."""
        return next((row[name] for name in self.ids if row.get(name) is not None), None)

    def refused_names(
        self, row: Mapping[str, JsonValue], *, suggest: bool = True
    ) -> list[FieldError]:
        """What is wrong with the names of a row's fields, and with its id."""
        if self.names.issuperset(row):
            return []
        unknown = [name for name in row if name not in self.taken]
        errors = [
            FieldError(
                shown(name), self._unknown(name[:MAX_TEXT], suggest), shown(row[name])
            )
            for name in unknown[:MAX_UNKNOWN]
        ]
        if (more := len(unknown) - MAX_UNKNOWN) > 0:
            errors.append(FieldError("…", f"and {more} more unknown fields"))
        errors += [
            FieldError(clean, f"comes twice: as `{clean}` and as `{raw}`")
            for raw, clean in self.meant.items()
            if raw in row and clean in row
        ]
        if not is_id(name := self.id_of(row)):
            allowed = f"text of {MAX_TEXT} characters at most, or a number"
            errors.append(FieldError(ID, "is no id", shown(name), allowed))
        return errors

    def wrong_columns(self, names: Iterable[str]) -> list[FieldError]:
        """What is wrong with the names of a table's columns, each told once."""
        row = dict.fromkeys(names)
        errors = [
            FieldError(error.field, error.message) for error in self.refused_names(row)
        ]
        given = self._under_clean_names(row)
        return errors + [
            _error(reader, ABSENT, str(unfit))
            for reader in self.readers
            if reader.feature.name not in given and (unfit := _refusal(reader))
        ]

    def count_refused_names(self, row: Mapping[str, JsonValue]) -> int:
        """How many `refused_names` there are, in a hundredth of the time."""
        unknown = len(row.keys() - self.taken)
        twice = sum(raw in row and clean in row for raw, clean in self.meant.items())
        return min(unknown, MAX_UNKNOWN + 1) + twice + (not is_id(self.id_of(row)))

    def clean_names(self, row: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """The row under clean names, without what is no feature."""
        given = self._under_clean_names(row)
        return {name: value for name, value in given.items() if name in self.names}

    def _under_clean_names(self, row: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """The row with each feature under its clean name, which goes before another."""
        if self.names.issuperset(row):
            return row
        meant = {clean: row[raw] for raw, clean in self.meant.items() if raw in row}
        return {**meant, **row}


def is_id(name: JsonValue) -> bool:
    """True for what an answer may carry as the name of its row."""
    return not isinstance(name, list | dict) and len(str(name)) <= MAX_TEXT


def _refusal(reader: Reader) -> Unfit | None:
    try:
        reader.when_absent()
    except Unfit as unfit:
        return unfit
    return None


def _error(
    reader: Reader, value: JsonValue, reason: str, *, suggest: bool = True
) -> FieldError:
    told = None if value is ABSENT else shown(value)
    if suggest:
        reason = reader.advice(value, reason)
    return FieldError(reader.feature.name, reason, told, reader.allowed)


def _explainer(manifest: Manifest) -> Callable[[str, bool], str]:
    """What is said about a field that nobody knows, with the name that may be meant."""
    names = {feature.name.lower(): feature.name for feature in manifest.features}
    names |= {f.raw_name.lower(): f.name for f in manifest.features}

    told = f"is not a field of {manifest.dataset}"
    explained: dict[str, str] = {}

    def explain(unknown: str, suggest: bool) -> str:
        if not suggest or unknown in explained:
            return explained.get(unknown, told)
        near = difflib.get_close_matches(unknown.lower(), names, n=1, cutoff=0.6)
        text = f"{told}; did you mean `{names[near[0]]}`?" if near else told
        if len(explained) < MAX_KNOWN_TYPOS:
            explained[unknown] = text
        return text

    return explain

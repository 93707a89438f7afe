"""Does a dataset contradict itself? Asked once, when its declaration is read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from pydantic import JsonValue

from relevo_contracts import Feature, Target
from relevo_datasets.dataset import GROUP, ROW_ID, SPLIT, TARGET, Dataset
from relevo_features import Population, Reader, Unfit, kind_of, text_of

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
TAKEN = (ROW_ID, GROUP, SPLIT, TARGET)
MOST_CLASSES = 100


def check(dataset: Dataset) -> None:
    """Raises ValueError, with the key, for names that lead nowhere and words that clash."""
    check_name(dataset.name)
    names = [feature.name for feature in dataset.features]
    _once("columns", dataset.raw_columns)
    _once("features: the name", names)
    _once("features: the column", [feature.raw_name for feature in dataset.features])
    _once("derivations: the name", [*names, *(d.name for d in dataset.derivations)])
    _check_columns(dataset)
    for key, used in (
        ("slices", dataset.slices),
        ("outside", tuple(each.feature for each in dataset.outside)),
        ("derivations", tuple(each.feature for each in dataset.derivations)),
        *((key, tuple(row)) for key, row in _examples(dataset)),
    ):
        for name in used:
            if name not in names:
                raise ValueError(
                    f"{key}: {name!r} is no feature; there are: {_some(names)}"
                )
    for feature in dataset.features:
        _check_feature(feature)
    if not any(kind_of(each).is_input for each in dataset.features):
        raise ValueError("features: none can be learned from; codes alone cannot")
    for target in dataset.targets.values():
        _check_words(target)
    for key, row in _examples(dataset):
        _check_example(dataset, key, row)


def check_name(name: str) -> None:
    """Raises ValueError for what is no name of a dataset."""
    if not NAME.fullmatch(name):
        raise ValueError(
            f"name: {name!r} is none: a small letter, then at most 39 small letters, digits"
            " and _"
        )


def _check_columns(dataset: Dataset) -> None:
    rows = dataset.rows
    made_of = {feature.raw_name: feature.name for feature in dataset.features}
    targets = [target.column for target in dataset.targets.values()]
    for column in (*made_of, *targets, *(each for each in (rows.id, rows.group) if each)):
        if column not in dataset.raw_columns:
            raise ValueError(
                f"columns: {column!r} is not among them, and something needs it"
            )
    for column in targets:
        if column in made_of:
            raise ValueError(
                f"features: {made_of[column]!r} is read from the target's column"
                f" {column!r}, so it gives the answer away: remove it"
            )


def _check_feature(feature: Feature) -> None:
    name = f"features: {feature.name!r}"
    if feature.name in TAKEN:
        raise ValueError(
            f"{name}: relevo's own tables have a column of that name: give it another"
            f" `name`, and raw = {feature.raw_name!r}"
        )
    kind = kind_of(feature)
    for key in ("minimum", "maximum", "categories", "closed", "pattern"):
        said = getattr(feature, key)
        if said is not None and said is not False and key not in kind.keys:
            raise ValueError(
                f"{name}: {key}: means nothing for {kind.name}: remove it, or is it of"
                " another kind?"
            )
    if feature.closed and not feature.categories:
        raise ValueError(f"{name}: closed: list its `categories`, or leave it open")
    low, high = feature.minimum, feature.maximum
    if low is not None and high is not None and low > high:
        raise ValueError(f"{name}: minimum: {low:g} is more than the maximum, {high:g}")
    try:
        re.compile(feature.pattern or "")
    except re.error as error:
        raise ValueError(f"{name}: pattern: is no regular expression: {error}") from error
    _check_own_words(feature, name)


def _check_own_words(feature: Feature, name: str) -> None:
    """Its categories, and what it says for missing values, are values that it takes."""
    plain = feature.model_copy(
        update={"categories": None, "default": None, "null_means": None}
    )
    reader = Reader(plain)
    for word in feature.categories or ():
        try:
            clean = reader.read(word)
        except Unfit as error:
            raise ValueError(f"{name}: categories: {word!r} {error}") from error
        if clean is None or text_of(clean) != word:
            shown = "missing" if clean is None else repr(clean)
            raise ValueError(f"{name}: categories: {word!r} would be read as {shown}")
    for key in ("default", "null_means"):
        value = getattr(feature, key)
        try:
            Reader(plain.model_copy(update={key: value}))
        except Unfit as error:
            raise ValueError(f"{name}: {key}: {value!r} {error}") from error
    is_given = feature.default is not None or feature.null_means is not None
    if not (feature.required or feature.nullable or is_given):
        raise ValueError(
            f"{name}: required: without a value it needs a `default`, or nullable = true"
        )


def _check_words(target: Target) -> None:
    words = list(chain.from_iterable(each.words for each in target.classes))
    _once(f"targets: {target.name!r}: the word", [word.strip() for word in words])
    _once(f"targets: {target.name!r}: the value", [str(c.value) for c in target.classes])
    if len(target.classes) > MOST_CLASSES:
        raise ValueError(
            f"targets: {target.name!r}: {len(target.classes)} classes, at most"
            f" {MOST_CLASSES}; are they numbers, and the task a regression?"
        )


def _examples(dataset: Dataset) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    """The requests for people, each by its key in the declaration."""
    if dataset.example is not None:
        yield "example", dataset.example
    for name, row in dataset.examples.items():
        yield f"examples: {name!r}", row


def _check_example(dataset: Dataset, key: str, row: Mapping[str, JsonValue]) -> None:
    clean = {}
    for feature in dataset.features:
        reader = Reader(feature)
        value = row.get(feature.name)
        try:
            clean[feature.name] = reader.read(value)
        except Unfit as error:
            told = reader.advice(value, str(error))
            raise ValueError(
                f"{key}: {feature.name!r} {told}; it takes {reader.allowed}"
            ) from error
    if objection := Population(dataset.outside).objection(clean):
        raise ValueError(f"{key}: {objection[0]!r} {objection[1]}")


def _once(what: str, names: Iterable[str]) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{what} {name!r} comes twice")
        seen.add(name)


def _some(names: list[str]) -> str:
    return ", ".join(names[:10]) + (" …" if len(names) > 10 else "")

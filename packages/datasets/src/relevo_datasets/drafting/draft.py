"""A whole declaration, drafted of the profiles of a table's columns."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from relevo_datasets.drafting import keys
from relevo_datasets.drafting.guessing import Guess, LeftOut, clean_name, feature_of
from relevo_datasets.drafting.profiling import Profile
from relevo_datasets.drafting.settings import Settings, candidates_for
from relevo_datasets.drafting.targets import NoTarget, TargetGuess, target_of
from relevo_datasets.drafting.toml_text import Value

MOST_BATCH_ROWS = 15_000
FEWEST_BATCHES = 3
FEWEST_BATCH_ROWS = 100
"""The quality gate refuses batches of fewer clean rows."""
SLICED = re.compile(
    r"(?i)(sex|gender|race|ethnicity|age([_ ]?(group|band|bucket))?|region)"
)
BUILT_IN = ("true", "false")


@dataclass(frozen=True)
class Draft:
    """A declaration before it is written.

    head: the keys before the tables. look: what a person should look at, beside what
    target and features say themselves.
    """

    name: str
    head: Mapping[str, Value]
    target: TargetGuess
    features: tuple[Guess, ...]
    left_out: tuple[LeftOut, ...]
    candidates: Settings
    look: tuple[str, ...] = ()

    @property
    def all_looks(self) -> tuple[str, ...]:
        """What a person should look at, in all of it."""
        of_features = (
            f"{guess.facts['name']}: {look}"
            for guess in self.features
            for look in guess.look
        )
        return (*self.target.look, *self.look, *of_features)


@dataclass(frozen=True)
class Origin:
    """Where the rows lie, as the declaration says it."""

    path: str
    has_header: bool = True


def draft(
    profiles: Sequence[Profile], origin: Origin, *, name: str, target: str | None = None
) -> Draft:
    """The declaration of a table with these columns; target None: it is guessed.

    Raises NoTarget when there is nothing to predict, or nothing to do it with.
    """
    wanted = target_of(profiles, target)
    others = [each for each in profiles if each.name != wanted.column]
    row_id, group = keys.row_id(others), keys.group(others)
    guesses = [feature_of(each) for each in others if each.name not in (row_id, group)]
    features = _named(guess for guess in guesses if isinstance(guess, Guess))
    if not features:
        raise NoTarget("no column can be learned from; `ignored` would have all of them")
    left_out = tuple(guess for guess in guesses if isinstance(guess, LeftOut))
    rows = max(each.rows for each in profiles)
    head: dict[str, Value] = {
        "name": name,
        "title": name.replace("_", " "),
        **_words(profiles, features),
        **_slices(features),
        "columns": [each.name for each in profiles],
    }
    if left_out:
        head["ignored"] = [each.column for each in left_out]
    head["rows"] = _rows(row_id, group)
    head["source"] = _source(origin, rows)
    candidates = candidates_for(rows, wanted.task)
    look = tuple(_look(rows, row_id, group))
    return Draft(name, head, wanted, features, left_out, candidates, look)


def batch_rows(rows: int) -> int:
    """Such that there are three batches or more, of equal size and not too small."""
    batches = max(FEWEST_BATCHES, math.ceil(rows / MOST_BATCH_ROWS))
    return max(math.ceil(rows / batches), min(rows, FEWEST_BATCH_ROWS), 1)


def _named(guesses: Iterable[Guess]) -> tuple[Guess, ...]:
    """The guesses under clean names, each its own."""
    named: dict[str, Guess] = {}
    for guess in guesses:
        column = str(guess.facts["name"])
        name = clean_name(column, named)
        raw: dict[str, Value] = {} if name == column else {"raw": column}
        named[name] = replace(
            guess, facts={"name": name} | raw | guess.facts | {"name": name}
        )
    return tuple(named.values())


def _words(profiles: Iterable[Profile], features: Iterable[Guess]) -> dict[str, Value]:
    """The whole table's spellings of missing values, and its words for true and false."""
    missing = {word for each in profiles for word in each.missing if word}
    truths = {word: truth for each in features for word, truth in each.truths.items()}
    own = {word: truth for word, truth in truths.items() if word.lower() not in BUILT_IN}
    head: dict[str, Value] = {}
    if missing:
        head["missing"] = sorted(missing)
    if own:
        head["truths"] = own
    return head


def _slices(features: Iterable[Guess]) -> dict[str, Value]:
    names = [str(each.facts["name"]) for each in features]
    sliced = [name for name in names if SLICED.fullmatch(name)]
    return {"slices": sliced} if sliced else {}


def _rows(row_id: str | None, group: str | None) -> dict[str, Value]:
    rows: dict[str, Value] = {"id": row_id} if row_id else {"repeats": "keep"}
    return {**rows, "group": group} if group else rows


def _source(origin: Origin, rows: int) -> dict[str, Value]:
    source: dict[str, Value] = {"path": origin.path, "batch_rows": batch_rows(rows)}
    return source if origin.has_header else {**source, "header": False}


def _look(rows: int, row_id: str | None, group: str | None) -> Iterable[str]:
    if row_id:
        yield f"{row_id!r} is taken for what tells rows apart"
    if group:
        yield f"{group!r} is taken for whose rows they are: never in two splits"
    if rows < FEWEST_BATCH_ROWS:
        yield f"only {rows:,} rows: a batch needs {FEWEST_BATCH_ROWS} clean ones"

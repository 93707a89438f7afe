"""What is to be predicted, guessed: the column by its name or place, the task by values."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from relevo_datasets.drafting.guessing import truths_of
from relevo_datasets.drafting.profiling import Profile
from relevo_datasets.drafting.toml_text import Value

NAMED = re.compile(r"(?i)(.*[_\s.-])?(target|label|class|outcome|y)")
MOST_CLASSES = 20
MOST_CLASSES_OF_NUMBERS = 20
RARE = 30
"""Rows of a class; with fewer, some split may lack it."""

ClassFacts = dict[str, Value]


class NoTarget(ValueError):
    """No column can be predicted; the message says why and what to do."""


@dataclass(frozen=True)
class TargetGuess:
    """The target as it is drafted; `look` is for a person."""

    column: str
    task: str
    classes: tuple[ClassFacts, ...] = ()
    look: tuple[str, ...] = ()


def column_of(names: Sequence[str], wanted: str | None = None) -> str:
    """The target's column: the last that is named like one, else the last; or NoTarget."""
    if wanted is not None and wanted not in names:
        raise NoTarget(f"no column {wanted!r}; there are: {', '.join(names)}")
    named = [name for name in names if NAMED.fullmatch(name)]
    return wanted or (named or names)[-1]


def target_of(profiles: Sequence[Profile], wanted: str | None = None) -> TargetGuess:
    """The target; wanted: its column, else it is guessed. Raises NoTarget."""
    by_name = {each.name: each for each in profiles}
    name = column_of(list(by_name), wanted)
    look: tuple[str, ...] = ()
    if wanted is None and not NAMED.fullmatch(name):
        look = (f"the last column, {name!r}, is taken for the target",)
    if lost := by_name[name].rows - by_name[name].present:
        look += (f"{lost:,} rows have no {name!r}: they cannot be learned from",)
    guess = _guess(by_name[name])
    return TargetGuess(name, guess.task, guess.classes, look + guess.look)


def _guess(profile: Profile) -> TargetGuess:
    words = _by_meaning(profile)
    column = profile.name
    if len(words) < 2:
        raise NoTarget(f"{column!r} has one value: name another target by --target")
    of_numbers = profile.is_number
    most = MOST_CLASSES_OF_NUMBERS if profile.is_whole else 2
    if of_numbers and (len(words) > most or not profile.has_all_words):
        return TargetGuess(column, "regression")
    if len(words) > MOST_CLASSES or not profile.has_all_words:
        raise NoTarget(
            f"{column!r} has {len(words):,} different words or more, too many for classes:"
            " name another target by --target"
        )
    task = "binary" if len(words) == 2 else "multiclass"
    look = []
    if of_numbers and task == "multiclass":
        look.append(
            'small numbers are taken for classes; are they amounts? task = "regression"'
        )
    rare = [word for word, each in words.items() if each.total() < RARE]
    if rare:
        look.append(f"few rows are of {', '.join(rare)}: a split may lack them")
    ordered = _ordered(words, profile)
    if task == "binary" and not of_numbers and not truths_of(words):
        look.append(f"{ordered[1]!r}, the rarer one, is taken for class 1")
    classes = tuple(_class(word, words[word], column, of_numbers) for word in ordered)
    return TargetGuess(column, task, classes, tuple(look))


def _by_meaning(profile: Profile) -> dict[str, Counter[str]]:
    """By value its spellings: words that differ in case alone, numbers however written."""
    meanings: dict[str, Counter[str]] = {}
    for word, times in profile.words.most_common():
        same = f"{float(word):g}" if profile.is_number else word.casefold()
        meanings.setdefault(same, Counter())[word] += times
    # the most frequent spelling is the name
    return {spelt.most_common(1)[0][0]: spelt for spelt in meanings.values()}


def _ordered(words: dict[str, Counter[str]], profile: Profile) -> list[str]:
    """Class 0 first: false, the smaller number, of two words the more frequent."""
    if truths := truths_of(words):
        return sorted(words, key=lambda word: truths[word])
    if profile.is_number:
        return sorted(words, key=float)
    if len(words) == 2:
        return sorted(words, key=lambda word: -words[word].total())
    return sorted(words)


def _class(word: str, spelt: Counter[str], column: str, of_numbers: bool) -> ClassFacts:
    facts: ClassFacts = {"label": word}
    if of_numbers:
        value = float(word)
        facts = {"value": int(value) if value.is_integer() else word}
        facts["label"] = f"{column} {word}"
    elif len(spelt) > 1:
        facts["value"] = word
    if len(spelt) > 1 or (of_numbers and str(facts["value"]) != word):
        facts["words"] = sorted(spelt)
    return facts

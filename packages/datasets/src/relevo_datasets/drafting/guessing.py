"""What a column is, guessed by its profile: a feature of some kind, or left out and why."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from relevo_datasets.consistency import TAKEN
from relevo_datasets.drafting.keys import ID_NAME, is_key
from relevo_datasets.drafting.profiling import NOTHING, Profile
from relevo_datasets.drafting.quantities import limits, suspicious
from relevo_datasets.drafting.toml_text import Value
from relevo_features import EXACT, MAX_TEXT

Facts = dict[str, Value]
"""Keys and values of a [[features]] as TOML has them."""

PAIRS = (("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("on", "off"))
MOST_CATEGORIES = 100
MOST_CODES = 50
FEWEST_PER_CATEGORY = 5
MOST_STRANGE = 5
MOSTLY_MISSING = 0.5
CODE_NAME = re.compile(r"(?i:.*[_\s.-](id|code|type))|.*[a-z](Id|ID|Code|Type)")


@dataclass(frozen=True)
class Guess:
    """A feature as it is drafted.

    look: what a person should look at. truths: the words of a boolean.
    """

    facts: Facts
    look: tuple[str, ...] = ()
    truths: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class LeftOut:
    """A column of which no feature is made, and why."""

    column: str
    reason: str


def feature_of(profile: Profile) -> Guess | LeftOut:
    """What the column is, such that all of its values can be read."""
    if reason := _nothing_to_learn(profile):
        return LeftOut(profile.name, reason)
    guess = _guess(profile)
    missing = profile.missing.total() / profile.rows
    if isinstance(guess, LeftOut) or missing < MOSTLY_MISSING:
        return guess
    return replace(guess, look=(*guess.look, f"{missing:.0%} of the rows have no value"))


def _guess(profile: Profile) -> Guess | LeftOut:
    truths = truths_of(profile.words) if profile.has_all_words else None
    if truths is not None:
        return Guess(_facts(profile, "boolean"), truths=truths)
    if not _is_quantity(profile):
        return _words(profile)
    if not (profile.is_whole and CODE_NAME.fullmatch(profile.name)):
        return _quantity(profile)
    if profile.has_all_words and len(profile.words) <= MOST_CODES:
        return _identifier(profile)
    return LeftOut(profile.name, "is an id of many values, not a quantity")


def clean_name(column: str, taken: Iterable[str]) -> str:
    """A name for a feature: letters, digits and _, none that is taken."""
    name = re.sub(r"\W+", "_", column).strip("_") or "column"
    used = {*taken, *TAKEN}
    found, number = name, 1
    while found in used:
        number += 1
        found = f"{name}_{number}"
    return found


def truths_of(words: Iterable[str]) -> dict[str, bool] | None:
    """The words for true and false, if these are just such two, however they are cased."""
    found = list(words)
    lower = {word.lower() for word in found}
    for true, false in PAIRS:
        if lower == {true, false}:
            return {word: word.lower() == true for word in found}
    return None


def _nothing_to_learn(profile: Profile) -> str | None:
    if not profile.name.strip():
        return "has no name: numbers of rows?"
    if not profile.present:
        return "is empty"
    if len(profile.words) == 1 and not profile.missing.total():
        return f"is {next(iter(profile.words))!r} in every row: nothing to learn from"
    if ID_NAME.fullmatch(profile.name) and is_key(profile):
        return "is another one in every row"
    if profile.dates >= 0.9 * profile.present:
        return "has dates: make numbers of them first, such as an age in days"
    return None


def _is_quantity(profile: Profile) -> bool:
    """Numbers, but for a few words that may well stand for no value."""
    if profile.padded or max(abs(profile.minimum), abs(profile.maximum)) > EXACT:
        return False
    few = len(profile.strange) <= MOST_STRANGE
    return few and profile.number_count >= 0.8 * profile.present


def _facts(profile: Profile, kind: str) -> Facts:
    facts: Facts = {"name": profile.name, "kind": kind}
    if profile.missing.total() or (profile.strange and _is_quantity(profile)):
        facts["nullable"] = True
    return facts


def _identifier(profile: Profile) -> Guess:
    numbers = {int(float(word)) for word in profile.words if word not in profile.strange}
    facts = _facts(profile, "identifier")
    return Guess(
        facts | _strange(profile) | {"categories": [str(n) for n in sorted(numbers)]},
        tuple(_told_of_strange(profile)),
    )


def _quantity(profile: Profile) -> Guess:
    facts = _facts(profile, "integer" if profile.is_whole else "number")
    look = _told_of_strange(profile)
    if found := suspicious(profile):
        value, rows, near = found
        look.append(
            f"{value:g} stands in {rows:,} rows and the next value is {near:g}: not known?"
            f' Then missing = ["{value:g}"] and nullable = true'
        )
    return Guess(facts | _strange(profile) | limits(profile), tuple(look))


def _strange(profile: Profile) -> Facts:
    return {"missing": sorted(profile.strange)} if profile.strange else {}


def _told_of_strange(profile: Profile) -> list[str]:
    words = [f"{w!r} ({n:,} rows)" for w, n in profile.strange.items() if w not in NOTHING]
    return [f"taken for no value among numbers: {', '.join(words)}"] if words else []


def _words(profile: Profile) -> Guess | LeftOut:
    distinct = len(profile.words)
    if profile.longest > MAX_TEXT:
        return LeftOut(profile.name, f"is text of up to {profile.longest:,} characters")
    if is_key(profile):
        return LeftOut(profile.name, "is another word in every row")
    few = distinct <= MOST_CATEGORIES and profile.present >= FEWEST_PER_CATEGORY * distinct
    if not (profile.has_all_words and few):
        number = f"{distinct:,}" if profile.has_all_words else "very many"
        reason = f'has {number} different words; codes of a long list are kind = "code"'
        return LeftOut(profile.name, reason)
    facts = _facts(profile, "category") | {"categories": sorted(profile.words)}
    look = []
    nothing = sorted(NOTHING & profile.words.keys())
    if nothing and "nullable" not in facts:
        facts["null_means"] = nothing[0]
        look.append(f"{nothing[0]!r} is taken for a word, and null for that word")
    if distinct == 2 and min(profile.words.values()) >= 0.01 * profile.present:
        facts["closed"] = True
    if len({word.lower() for word in profile.words}) < distinct:
        look.append("has words that differ in case alone: they are different words here")
    return Guess(facts, tuple(look))

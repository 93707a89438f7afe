"""ICD-9-CM diagnosis codes: their groups, and model inputs made of them.

A code's head, before the ".", is its category: 250.01 is of category 250. Tables that
were once read as numbers have lost leading zeros: 38 and 038 are one category.
"""

from collections.abc import Iterable

from relevo_datasets.dataset import Derivation

OTHER = "other"

GROUPS: tuple[tuple[str, tuple[range, ...]], ...] = (
    ("circulatory", (range(390, 460), range(785, 786))),
    ("respiratory", (range(460, 520), range(786, 787))),
    ("digestive", (range(520, 580), range(787, 788))),
    ("diabetes", (range(250, 251),)),
    ("injury", (range(800, 1000),)),
    ("musculoskeletal", (range(710, 740),)),
    ("genitourinary", (range(580, 630), range(788, 789))),
    ("neoplasms", (range(140, 240),)),
)
"""The groups of Strack et al. 2014, Table 2 (doi:10.1155/2014/781670): these eight, and
OTHER for every other code, E and V codes among them."""


def group_of(head: str) -> str:
    """The group of a category; OTHER for what is in none."""
    if head.isdecimal():
        for group, ranges in GROUPS:
            if any(int(head) in numbers for numbers in ranges):
                return group
    return OTHER


def category_of(head: str) -> str:
    """The category as ICD-9 writes it, with three digits: 038 for 38."""
    return f"{int(head):03d}" if head.isdecimal() else head


def group_derivation(feature: str) -> Derivation:
    """The input `<feature>_group`: to which group a code belongs."""
    categories = (
        f"{number:03d}" for _, ranges in GROUPS for numbers in ranges for number in numbers
    )
    words = {head: group_of(head) for head in _heads(categories)}
    name = f"{feature}_group"
    return Derivation(name=name, feature=feature, words=words, otherwise=OTHER)


def category_derivation(feature: str, categories: Iterable[str]) -> Derivation:
    """The input `<feature>_head`: one of these categories, or OTHER."""
    words = {head: category_of(head) for head in _heads(categories)}
    name = f"{feature}_head"
    return Derivation(name=name, feature=feature, words=words, otherwise=OTHER)


def _heads(categories: Iterable[str]) -> tuple[str, ...]:
    """The categories in every way that they are written: 008, 08 and 8."""
    spellings: dict[str, None] = {}
    for category in sorted(categories):
        spellings[category] = None
        if category.isdecimal():
            spellings[f"{int(category):02d}"] = None
            spellings[str(int(category))] = None
    return tuple(spellings)

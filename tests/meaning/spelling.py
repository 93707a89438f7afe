"""Rows in every spelling: raw and clean names, numbers as text, the words for missing."""

import random
from collections.abc import Sequence
from typing import Any

import pandas as pd

from relevo_contracts import Feature
from relevo_datasets import Dataset
from relevo_features import KINDS

Row = dict[str, Any]
NAN = float("nan")
ROWS = 40


def group_of_rows(dataset: Dataset, raw: pd.DataFrame, chance: random.Random) -> list[Row]:
    """Rows with one set of names, the source's values here and there spelt otherwise."""
    features = dataset.features
    names = {f.name: chance.choice([f.name, f.raw_name]) for f in features}
    left_out = {f.name for f in features if not f.required and chance.random() < 0.3}
    spelt_oddly = chance.sample([*names], 5)
    rows = []
    for place in chance.sample(range(len(raw)), ROWS):
        source = raw.iloc[place]
        row: Row = {"id": f"row {place}"}
        for feature in features:
            value: Any = source[feature.raw_name]
            if feature.name in spelt_oddly and chance.random() < 0.3:
                value = spelt(feature, value, chance)
            if feature.name not in left_out:
                row[names[feature.name]] = value
        row |= {name: source[name] for name in dataset.ignored[:2]}
        rows.append(row)
    return rows


def spelt(feature: Feature, value: Any, chance: random.Random) -> Any:
    """Another way to write the value, nothing at all, or what nobody understands."""
    kind = KINDS[feature.kind]
    others: list[Any] = [
        *(None, NAN, "", "  ", *feature.missing),
        *(f" {value} ", "unheard of", "x" * 201, "-1", "1e3", "1000000000"),
        *(kind.words(feature) or ()),
    ]
    if kind.widget == "checkbox":
        others += [True, False, "true", "FALSE", "Yes", "perhaps", *feature.truths]
    if kind.is_quantity or kind.json_type == "integer":
        others += [0, 3, 3.0, "3.0", "03", 2.5, "2.5", -7, 10**7, "0", "0.0"]
    return chance.choice(others)


def as_text(value: Any) -> str:
    """As pandas, and Python's csv, write the value into a table."""
    return "" if value is None or value != value else str(value)


def raw_table(rows: Sequence[Row], dataset: Dataset, raw: pd.DataFrame) -> pd.DataFrame:
    """The rows as the source would have sent them: all raw columns, all as text."""
    target = dataset.default_target.column
    table = {}
    for feature in dataset.features:
        values = [row.get(feature.name, row.get(feature.raw_name)) for row in rows]
        table[feature.raw_name] = [as_text(value) for value in values]
    for column in dataset.ignored:
        table[column] = [str(place) for place in range(len(rows))]
    table[target] = [raw[target].iloc[0]] * len(rows)
    return pd.DataFrame(table)[[*dataset.raw_columns]].astype("str")

"""A raw table becomes a clean one, by the declaration of its dataset alone; pure."""

from hashlib import blake2b

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from relevo_contracts import Feature, Target
from relevo_datasets.dataset import GROUP, ROW_ID, TARGET, Cleaned, Dataset
from relevo_datasets.reading import (
    Faults,
    Reading,
    outside,
    read,
    read_column,
    typed,
    unseen_values,
)
from relevo_features import NO_VALUE, Population, Unfit, kind_of

REPEATED = "is that of an earlier row"
ALL_REPEATED = "and all other values are those of an earlier row"
NUMBER = Feature(name=TARGET, kind="number", raw_name=TARGET, description="the target")
WHOLE = kind_of(NUMBER.model_copy(update={"kind": "identifier"})).parser(NUMBER)


def clean(dataset: Dataset, raw: pd.DataFrame, target: str) -> Cleaned:
    """Read the rows, put aside what cannot be read, remove what is outside of the task.

    raw: all of the dataset's raw columns as text. Raises KeyError for a target that the
    dataset does not have.
    """
    wanted = dataset.targets[target]
    reading = read({str(name): raw[name] for name in raw}, dataset.features)
    faults = reading.faults
    keys = _keys(dataset, raw, faults)
    outcome = _outcome(raw[wanted.column], wanted, faults)
    keys[ROW_ID] = _once(dataset, keys[ROW_ID], faults)
    removed = _outside(dataset, reading)
    kept = faults.readable & removed.isna()
    frame = typed(reading.values[kept], dataset.features)
    frame = pd.concat([keys[kept], frame], axis=1).reset_index(drop=True)
    types = "float64" if wanted.task == "regression" else "int8"
    frame[TARGET] = outcome[kept.to_numpy()].astype(types)
    counts = removed[faults.readable].value_counts()
    return Cleaned(
        frame=frame,
        quarantined=faults.quarantined(raw),
        removed={rule.reason: int(counts.get(rule.reason, 0)) for rule in dataset.outside},
        unseen=unseen_values(frame, dataset.features),
        missing={
            feature.name: int(reading.missing.loc[kept, feature.name].sum())
            for feature in dataset.features
        },
    )


def _keys(dataset: Dataset, raw: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """ROW_ID and GROUP; a whole number is written in one way."""
    rows = dataset.rows
    keys = {}
    for name, column in ((ROW_ID, rows.id), (GROUP, rows.group)):
        if column is None:
            parts = [feature.raw_name for feature in dataset.features]
            if name == ROW_ID:
                parts += [target.column for target in dataset.targets.values()]
            keys[name] = _content(raw[list(dict.fromkeys(parts))])
        else:
            text = raw[column].astype("str").str.strip()
            keys[name] = text.map(_key, na_action="ignore").astype("str")
            faults.note(text.isna() | text.isin(rows.missing), column, NO_VALUE)
    return pd.DataFrame(keys, index=raw.index)


def _key(text: str) -> str:
    try:
        return str(WHOLE(text))
    except Unfit:
        return text


def _content(columns: pd.DataFrame) -> pd.Series:
    """A name for each row by its content: equal rows have one name."""
    lines = zip(*(columns[name].fillna("") for name in columns), strict=True)
    names = [
        blake2b("\x1f".join(line).encode(), digest_size=8).hexdigest() for line in lines
    ]
    return pd.Series(names, index=columns.index, dtype="str")


def _once(dataset: Dataset, ids: pd.Series, faults: Faults) -> pd.Series:
    """The ids; of rows with one id the first stays, or each gets one of its own."""
    times = ids.groupby(ids, dropna=False).cumcount()
    if dataset.rows.repeats == "keep":
        return ids.where(times == 0, ids + "#" + (times + 1).astype("str"))
    earlier = ids.where(faults.readable).dropna().duplicated()
    again = earlier.reindex(ids.index, fill_value=False)
    if dataset.rows.id is None:
        faults.note(again, dataset.raw_columns[0], ALL_REPEATED)
    else:
        faults.note(again, dataset.rows.id, REPEATED)
    return ids


def _outcome(column: pd.Series, target: Target, faults: Faults) -> NDArray[np.float64]:
    """Per row the place of its class, or its number; not-a-number where it has none."""
    if target.task == "regression":
        read_numbers = read_column(column, NUMBER)
        for reason, rows in read_numbers.unfit.items():
            faults.note(rows, target.column, reason)
        return read_numbers.values.to_numpy(dtype=np.float64, na_value=np.nan)
    places = {
        word: float(place)
        for place, each in enumerate(target.classes)
        for word in each.words
    }
    text = column.astype("str").str.strip()
    outcome = text.map(lambda word: places.get(word, places.get(_key(str(word)), np.nan)))
    faults.note(outcome.isna(), target.column, f"is none of {', '.join(places)}")
    return outcome.to_numpy(dtype=np.float64)


def _outside(dataset: Dataset, reading: Reading) -> pd.Series:
    """Per row the reason why it is outside of the task; missing: it is not."""
    population = Population(dataset.outside)
    reasons = pd.Series(None, index=reading.values.index, dtype=object)
    for feature in population.words:
        reasons = reasons.fillna(outside(reading.values[feature], feature, population))
    return reasons

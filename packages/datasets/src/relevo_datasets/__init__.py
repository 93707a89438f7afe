"""What a table means: columns, missing values, cleaning, target, group."""

from relevo_datasets.dataset import (
    COLUMN,
    GROUP,
    REASON,
    ROW_ID,
    SPLIT,
    TARGET,
    Cleaned,
    Dataset,
    Derivation,
)
from relevo_datasets.diabetes130 import DIABETES130

DATASETS = {dataset.name: dataset for dataset in (DIABETES130,)}

__all__ = [
    "COLUMN",
    "DATASETS",
    "GROUP",
    "REASON",
    "ROW_ID",
    "SPLIT",
    "TARGET",
    "Cleaned",
    "Dataset",
    "Derivation",
    "dataset_named",
]


def dataset_named(name: str) -> Dataset:
    """The dataset of that name; the text of the KeyError lists those there are."""
    try:
        return DATASETS[name]
    except KeyError:
        known = ", ".join(DATASETS)
        raise KeyError(f"no dataset {name!r}; there are: {known}") from None

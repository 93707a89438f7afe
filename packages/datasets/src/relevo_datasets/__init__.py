"""What a table means: one declaration per dataset, and what is made of it."""

from relevo_datasets.cleaning import clean
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
    Meaning,
    Rows,
    Source,
)
from relevo_datasets.declarations import (
    DeclarationError,
    dataset_named,
    names,
    read_declaration,
)

__all__ = [
    "COLUMN",
    "GROUP",
    "REASON",
    "ROW_ID",
    "SPLIT",
    "TARGET",
    "Cleaned",
    "Dataset",
    "DeclarationError",
    "Derivation",
    "Meaning",
    "Rows",
    "Source",
    "clean",
    "dataset_named",
    "names",
    "read_declaration",
]

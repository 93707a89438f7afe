"""The clean table as Parquet: the same rows are the same bytes, every time."""

from dataclasses import dataclass
from io import BytesIO

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from relevo_contracts import PoisonError
from relevo_datasets.dataset import GROUP, ROW_ID, SPLIT, TARGET, Dataset
from relevo_datasets.declarations import dataset_named
from relevo_datasets.reading import typed
from relevo_features import kind_of

DATASET_KEY = b"relevo.dataset"
TARGET_KEY = b"relevo.target"


@dataclass(frozen=True)
class CleanTable:
    """A clean table and what it is one of.

    frame: ROW_ID, GROUP, SPLIT, the features in the dataset's order, TARGET.
    target: the name of what TARGET is, one of the dataset's targets.
    """

    frame: pd.DataFrame
    dataset: Dataset
    target: str

    def to_parquet(self) -> bytes:
        """Parquet with zstd; raises KeyError for a missing column."""
        schema = clean_schema(self.dataset, self.target)
        table = pa.Table.from_pandas(self.frame, schema=schema, preserve_index=False)
        # pandas would add its own version to the metadata, and so to the bytes.
        table = table.replace_schema_metadata(schema.metadata)
        file = BytesIO()
        parquet.write_table(table, file, compression="zstd", compression_level=3)
        return file.getvalue()

    @classmethod
    def from_parquet(cls, content: bytes) -> "CleanTable":
        """Read what `to_parquet` wrote; raises PoisonError for anything else."""
        try:
            table = parquet.read_table(BytesIO(content))
            metadata = table.schema.metadata or {}
            dataset = dataset_named(metadata[DATASET_KEY].decode())
            target = metadata[TARGET_KEY].decode()
        except (pa.ArrowException, OSError, UnicodeError, KeyError) as error:
            raise PoisonError(f"not a clean table: {error}") from error
        if not table.schema.equals(clean_schema(dataset, target)):
            raise PoisonError(f"not a clean table of {dataset.name}: other columns")
        return cls(typed(table.to_pandas(), dataset.features), dataset, target)


def clean_schema(dataset: Dataset, target: str) -> pa.Schema:
    """The columns of a dataset's clean table, with dataset and target as metadata."""
    is_number = dataset.targets[target].task == "regression"
    return pa.schema(
        [
            pa.field(ROW_ID, pa.string()),
            pa.field(GROUP, pa.string()),
            pa.field(SPLIT, pa.string()),
            *(
                pa.field(f.name, pa.type_for_alias(kind_of(f).arrow_type))
                for f in dataset.features
            ),
            pa.field(TARGET, pa.float64() if is_number else pa.int8()),
        ],
        metadata={DATASET_KEY: dataset.name.encode(), TARGET_KEY: target.encode()},
    )

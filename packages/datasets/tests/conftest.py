"""Raw tables for tests: encounters of diabetes130, real batches, a small table."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyarrow import parquet

from relevo_datasets import Cleaned, Dataset, clean, dataset_named, read_declaration
from relevo_datasets.drafting.files import Drafted, Wish, draft_file
from relevo_datasets.table_forms import open_table

ENCOUNTER: dict[str, str | None] = {
    "race": "Caucasian",
    "gender": "Female",
    "age": "[70-80)",
    "weight": "?",
    "admission_type_id": "1",
    "discharge_disposition_id": "1",
    "admission_source_id": "7",
    "time_in_hospital": "3",
    "payer_code": "MC",
    "medical_specialty": "Cardiology",
    "num_lab_procedures": "41",
    "num_procedures": "0",
    "num_medications": "11",
    "number_outpatient": "0",
    "number_emergency": "0",
    "number_inpatient": "0",
    "diag_1": "428",
    "diag_2": "250.01",
    "diag_3": "401",
    "number_diagnoses": "6",
    "max_glu_serum": "None",
    "A1Cresult": "None",
    "insulin": "Steady",
    "change": "Ch",
    "diabetesMed": "Yes",
    "readmitted": "NO",
}


@pytest.fixture
def diabetes() -> Dataset:
    return dataset_named("diabetes130")


@pytest.fixture
def encounters(diabetes: Dataset) -> Callable[..., pd.DataFrame]:
    """(what differs, row by row) -> a raw table; ids count up where none is given."""

    def table(*rows: dict[str, str | None]) -> pd.DataFrame:
        drugs = dict.fromkeys(diabetes.raw_columns, "No")
        keyed = [
            {
                **drugs,
                **ENCOUNTER,
                "encounter_id": f"{1000 + n}",
                "patient_nbr": f"{50 + n}",
                **row,
            }
            for n, row in enumerate(rows)
        ]
        return pd.DataFrame(keyed, columns=list(diabetes.raw_columns), dtype="str")

    return table


@pytest.fixture
def shipped_batches() -> Callable[[str], list[pd.DataFrame]]:
    """(dataset) -> the real batches that the data API hands out, as text.

    Skips where they are not there.
    """

    def read(name: str) -> list[pd.DataFrame]:
        root = Path(__file__).parents[3]
        folder = root / "services" / "data-api" / "src" / "data_api" / "data" / name
        batches = sorted(folder.glob("*.parquet"))
        if not batches:
            pytest.skip(f"no batches in {folder}")
        return [parquet.read_table(path).to_pandas() for path in batches]

    return read


SMALL = """
name = "small"
title = "A small table"
missing = ["?"]
columns = ["key", "size", "colour", "price"]

[[targets]]
column = "price"
task = "regression"

[[features]]
name = "size"
kind = "number"
minimum = 0

[[features]]
name = "colour"
kind = "category"
nullable = true
categories = ["red", "green"]
"""


@pytest.fixture
def declared(tmp_path: Path) -> Callable[..., Dataset]:
    """(text in place of another, ...) -> the small dataset of a regression, so changed."""

    def read(*changes: tuple[str, str]) -> Dataset:
        text = SMALL
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        file = tmp_path / "small.toml"
        file.write_text(text)
        return read_declaration(file)

    return read


@pytest.fixture
def csv_table() -> Callable[..., pd.DataFrame]:
    """(lines of CSV) -> a raw table, all of it text."""

    def read(*lines: str) -> pd.DataFrame:
        rows = [line.split(",") for line in lines]
        return pd.DataFrame(rows[1:], columns=rows[0], dtype="str")

    return read


class DraftResult:
    """What became of a table: the draft, its dataset, and all rows cleaned by it."""

    def __init__(self, drafted: Drafted) -> None:
        self.drafted = drafted
        self.text = drafted.declaration.read_text()
        self.facts: dict[str, Any] = tomllib.loads(self.text)
        self.dataset: Dataset = read_declaration(drafted.declaration)
        path = self.dataset.source.path
        assert path is not None
        file = open_table(path, header=self.dataset.source.header)
        if not self.dataset.source.header:
            file = file.named(self.dataset.raw_columns)
        raw = pd.concat([chunk.to_pandas() for chunk in file.chunks()], ignore_index=True)
        self.cleaned: Cleaned = clean(self.dataset, raw, self.dataset.default_target.name)

    @property
    def features(self) -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in self.facts["features"]}

    @property
    def looks(self) -> str:
        return "\n".join(self.drafted.draft.all_looks)


@pytest.fixture
def draft(tmp_path: Path) -> Callable[..., DraftResult]:
    """(columns or text of a file, what is wished) -> the draft, with every row readable."""

    def make(
        table: dict[str, Any] | str, *, to_csv: dict[str, Any] | None = None, **wish: Any
    ) -> DraftResult:
        file = tmp_path / wish.pop("file", "mine.csv")
        if isinstance(table, str):
            file.write_bytes(table.encode(wish.pop("encoding", "utf-8")))
        else:
            pd.DataFrame(table).to_csv(file, index=False, **(to_csv or {}))
        result = DraftResult(
            draft_file(Wish(file, tmp_path, wish.pop("name", "mine"), **wish))
        )
        assert result.cleaned.quarantined.empty, result.cleaned.quarantined
        assert result.cleaned.unseen == {}
        assert result.drafted.rows == len(result.cleaned.frame)
        return result

    return make


@pytest.fixture(scope="session")
def drafted() -> Callable[[Wish], DraftResult]:
    """(what is wished) -> the draft, whatever becomes of the rows."""
    return lambda wish: DraftResult(draft_file(wish))

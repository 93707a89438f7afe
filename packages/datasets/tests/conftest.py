"""Raw encounters of diabetes130 for tests, one literal row and what differs from it."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from relevo_datasets import Dataset, dataset_named

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
def shipped_batches() -> list[Path]:
    """The real batches that the data API hands out; skips where they are not there."""
    root = Path(__file__).parents[3]
    folder = root / "services" / "data-api" / "src" / "data_api" / "data"
    batches = sorted(folder.glob("*.parquet"))
    if not batches:
        pytest.skip(f"no batches in {folder}")
    return batches

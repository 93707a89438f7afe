"""Raw batches for tests: literal encounters of many patients, and tables of others."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pandas as pd
import pytest

from cleaner.cleaning import Rules
from relevo_contracts import BatchRaw, Envelope, ObjectRef
from relevo_contracts.batches import batch_id
from relevo_datasets import dataset_named
from relevo_datasets.quality.gate import Limits
from relevo_datasets.splitting import SplitRatios

ENCOUNTER = {
    "race": "Caucasian",
    "gender": "Female",
    "age": "[70-80)",
    "weight": "?",
    "admission_type_id": "1",
    "discharge_disposition_id": "1",
    "admission_source_id": "7",
    "time_in_hospital": "3",
    "payer_code": "?",
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
    "change": "Ch",
    "diabetesMed": "Yes",
}
LIMITS = Limits(
    max_quarantined_share=0.05, min_rows=100, max_unknown_rise=0.2, max_lost_share=0.7
)
RELEASED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def encounters() -> pd.DataFrame:
    """200 raw encounters of 100 patients; every fourth came back within 30 days."""
    columns = list(dataset_named("diabetes130").raw_columns)
    rows = [
        {
            **dict.fromkeys(columns, "No"),
            **ENCOUNTER,
            "encounter_id": str(1000 + number),
            "patient_nbr": str(number // 2),
            "readmitted": "<30" if number % 4 == 0 else "NO",
        }
        for number in range(200)
    ]
    return pd.DataFrame(rows, columns=columns, dtype="str")


@pytest.fixture(scope="session")
def rules() -> Rules:
    return Rules(
        ratios=SplitRatios(70, 15, 15),
        salt="relevo",
        targets={},
        limits=LIMITS,
    )


@pytest.fixture(scope="session")
def as_batch() -> Callable[..., tuple[bytes, BatchRaw]]:
    """A raw table -> its Parquet and the event that tells of it."""

    def batch(
        frame: pd.DataFrame, dataset: str = "diabetes130", number: int = 1
    ) -> tuple[bytes, BatchRaw]:
        file = BytesIO()
        frame.to_parquet(file, index=False)
        content = file.getvalue()
        sha256 = hashlib.sha256(content).hexdigest()
        event = BatchRaw(
            batch_id=batch_id(dataset, number),
            dataset=dataset,
            number=number,
            table=ObjectRef(
                key=f"raw/{dataset}/{sha256}.parquet", sha256=sha256, size=len(content)
            ),
            rows=len(frame),
            source_url="http://127.0.0.1/batches/1",
            source_sha256="1" * 64,
            released_at=RELEASED,
            ingested_at=RELEASED,
        )
        return content, event

    return batch


@pytest.fixture
def cause() -> Callable[[BatchRaw], Envelope]:
    """The envelope in which the event arrived."""
    return lambda event: Envelope.of(event, source="ingestor", cause="the test")

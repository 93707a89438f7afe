"""What was seen to go wrong when a table's meaning was written in several places."""

import io
import json
import random
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from data_api.sources import SHIPPED
from inference.door.batches import Batch, predict
from inference.duty.predicting import Prediction, Predictions
from inference.tables.bodies import Limits
from inference.tables.formats import Format
from relevo_bundles import FieldError
from relevo_datasets import clean
from tests.meaning.learned import Learned

pytestmark = pytest.mark.slow

ModelOf = Callable[[str], Learned]

PIMA = {
    "Pregnancies": 6,
    "Glucose": 148,
    "BloodPressure": 72,
    "SkinThickness": 35,
    "Insulin": 0,
    "BMI": 33.6,
    "DiabetesPedigreeFunction": 0.627,
    "Age": 50,
}


def answered(model: Learned, row: Mapping[str, object]) -> Prediction:
    answer = model.serving.predict(json.loads(json.dumps(row)))
    assert isinstance(answer, Prediction), answer
    return answer


def refused(model: Learned, row: Mapping[str, object]) -> FieldError:
    answer = model.serving.predict(json.loads(json.dumps(row)))
    assert isinstance(answer, list), answer
    return answer[0]


def batched(model: Learned, body: bytes, form: Format) -> Predictions:
    batch = Batch(body, form=form, wanted=Format.JSON, strict=False)
    return predict(model.serving, batch, limits=Limits(2**25, 30, 20_000))[0]


def as_arrow(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


@pytest.fixture
def diabetes(model_of: ModelOf) -> Learned:
    return model_of("diabetes130")


def test_a_zero_that_says_not_measured_is_missing_at_every_door(model_of: ModelOf) -> None:
    pima = model_of("pima")
    missing = answered(pima, PIMA | {"Insulin": None}).numbers
    other = answered(pima, PIMA | {"Insulin": 80}).numbers
    header, line = ",".join(PIMA), ",".join(map(str, PIMA.values()))

    by_csv = batched(pima, f"{header}\n{line}\n".encode(), Format.CSV)

    assert missing != other
    assert answered(pima, PIMA).numbers == missing
    assert tuple(by_csv.answers[0]) == missing
    plain = pima.serving.predict_plain(json.dumps(PIMA).encode())
    assert plain is not None
    assert tuple(plain.numbers) == missing


@pytest.mark.parametrize("form", [Format.CSV, Format.ARROW])
def test_a_table_that_pandas_has_read_and_written_again_is_answered(
    diabetes: Learned, form: Format
) -> None:
    raw = diabetes.raw.head(1_000)
    read = pd.read_csv(io.StringIO(raw.to_csv(index=False)), low_memory=False)
    assert read["A1Cresult"].isna().mean() > 0.5  # the text "None" became null
    body = (
        read.to_csv(index=False).encode()
        if form is Format.CSV
        else as_arrow(pa.Table.from_pandas(read, preserve_index=False))
    )

    by_pandas = batched(diabetes, body, form)
    as_sent = batched(diabetes, raw.to_csv(index=False).encode(), Format.CSV)

    assert len(by_pandas.rows) > 970
    assert np.array_equal(by_pandas.rows, as_sent.rows)
    assert by_pandas.answers == pytest.approx(as_sent.answers, abs=1e-12)
    assert {error.field for error in by_pandas.errors} == {"discharge_disposition_id"}


def test_the_sources_own_row_is_taken_as_json(diabetes: Learned) -> None:
    places = random.Random(5).sample(range(len(diabetes.raw)), 50)  # noqa: S311
    rows = diabetes.raw.iloc[places]
    by_csv = batched(diabetes, rows.to_csv(index=False).encode(), Format.CSV)
    records = rows.to_dict("records")

    by_json = batched(diabetes, json.dumps(records).encode(), Format.JSON)

    assert {"age", "A1Cresult", "change", "diabetesMed"} <= records[0].keys()
    assert np.array_equal(by_json.rows, by_csv.rows)
    assert by_json.answers == pytest.approx(by_csv.answers, abs=1e-12)
    assert by_json.ids == by_csv.ids == rows["encounter_id"].tolist()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("gender", "female", "is none of its words; did you mean 'Female'?"),
        ("age_bucket", "[70-79)", "is none of its words; did you mean '[70-80)'?"),
        ("insulin", "yes", "is none of its words"),
        (
            "discharge_disposition_id",
            11,
            "died or went to a hospice: cannot be readmitted",
        ),
    ],
)
def test_what_the_cleaner_would_not_learn_from_is_not_predicted(
    diabetes: Learned, field: str, value: object, message: str
) -> None:
    example = dict(diabetes.dataset.example or {})

    error = refused(diabetes, example | {field: value})

    assert (error.field, error.message) == (field, message)


@pytest.mark.parametrize("known", [5, 6, 8])
def test_an_id_that_says_not_available_is_missing_at_every_door(
    diabetes: Learned, known: int
) -> None:
    example = dict(diabetes.dataset.example or {})
    missing = answered(diabetes, example | {"admission_type_id": None})

    as_number = answered(diabetes, example | {"admission_type_id": known})
    table = pa.table({k: [v] for k, v in (example | {"admission_type_id": known}).items()})
    by_arrow = batched(diabetes, as_arrow(table), Format.ARROW)

    assert (as_number.numbers, as_number.unseen) == (missing.numbers, ())
    assert tuple(by_arrow.answers[0]) == missing.numbers
    assert by_arrow.unseen == {}


def test_a_column_that_was_recoded_upstream_is_not_learned_from(diabetes: Learned) -> None:
    first = sorted((SHIPPED / "diabetes130").glob("*.parquet"))[0]
    raw = parquet.read_table(first).to_pandas()
    raw["gender"] = raw["gender"].str.upper()

    cleaned = clean(diabetes.dataset, raw, "<30")

    assert len(cleaned.frame) < 10
    assert set(cleaned.quarantined["column"]) == {"gender"}


def test_a_table_of_seven_classes_is_answered_with_all_of_them(model_of: ModelOf) -> None:
    covertype = model_of("covertype")
    example = dict(covertype.dataset.example or {})

    answer = answered(covertype, example)

    assert len(answer.numbers) == 7
    assert sum(answer.numbers) == pytest.approx(1)


def test_the_registered_model_takes_the_row_that_a_pod_takes(diabetes: Learned) -> None:
    example = dict(diabetes.dataset.example or {})
    assert len(example) == 23

    [probabilities] = np.asarray(diabetes.registered.predict(pd.DataFrame([example])))

    assert probabilities[1] == pytest.approx(
        answered(diabetes, example).numbers[0], abs=1e-9
    )

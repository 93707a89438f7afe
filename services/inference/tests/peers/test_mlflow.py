"""MLflow's scoring protocol, by MLflow's own client and in every form that it takes."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pandas as pd
import pytest

from inference.duty.slots import Slots
from relevo_datasets import dataset_named

EXAMPLE = dict(dataset_named("diabetes130").example or {})
Row = dict[str, Any]
Serve = Callable[..., Any]


def as_columns(rows: list[Row]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


FORMS: dict[str, Callable[[list[Row]], Row]] = {
    "split": lambda rows: {"dataframe_split": pd.DataFrame(rows).to_dict("split")},
    "records": lambda rows: {"dataframe_records": rows},
    "instances": lambda rows: {"instances": rows},
    "columns of instances": lambda rows: {"instances": as_columns(rows)},
    "inputs": lambda rows: {"inputs": rows, "params": {"verbose": True}},
    "columns of inputs": lambda rows: {"inputs": as_columns(rows)},
}


@pytest.fixture
async def rows(example: Row, serve: Serve) -> list[Row]:
    """Of a model that serves."""
    serve()
    return [example, example | {"number_inpatient": 3, "medical_specialty": "Astrology"}]


@pytest.fixture
async def expected(client: httpx.AsyncClient, rows: list[Row]) -> Row:
    """The probabilities of both classes."""
    answer = await client.post("/predict_batch", json=rows)
    probabilities = [each["probability"] for each in answer.json()["predictions"]]
    return {"predictions": [[1 - number, number] for number in probabilities]}


@pytest.mark.parametrize("form", FORMS)
async def test_rows_are_taken_in_each_of_mlflows_forms(
    client: httpx.AsyncClient, rows: list[Row], expected: Row, form: str
) -> None:
    answer = await client.post("/invocations", json=FORMS[form](rows))

    assert answer.json() == expected
    assert answer.headers["x-relevo-model-version"] == "1"
    assert answer.headers["x-relevo-unseen"] == "medical_specialty"


@pytest.mark.parametrize("kind", ["text/csv", "application/vnd.apache.parquet"])
async def test_rows_are_taken_as_files(
    client: httpx.AsyncClient, rows: list[Row], expected: Row, kind: str
) -> None:
    frame = pd.DataFrame(rows)
    content = (
        frame.to_csv(index=False).encode() if kind == "text/csv" else frame.to_parquet()
    )

    answer = await client.post(
        "/invocations", content=content, headers={"content-type": kind}
    )

    assert answer.json() == expected


async def test_one_row_need_not_be_a_list(
    client: httpx.AsyncClient, rows: list[Row], expected: Row
) -> None:
    answer = await client.post("/invocations", json={"inputs": rows[0]})

    assert answer.json()["predictions"] == expected["predictions"][:1]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType")
async def test_mlflows_own_client_waits_and_asks(
    address: str, serve: Serve, example: Row
) -> None:
    from mlflow.pyfunc.scoring_server.client import ScoringServerClient

    pod: Any = ScoringServerClient(*address.split(":"))  # type: ignore[no-untyped-call]
    with pytest.raises(Exception, match="error code 503"):
        await asyncio.to_thread(pod.ping)
    serve()

    await asyncio.to_thread(pod.wait_server_ready)
    frame = pd.DataFrame([example, example])
    answer = await asyncio.to_thread(pod.invoke, frame)

    assert answer.get_predictions().shape == (2, 2)
    assert await asyncio.to_thread(pod.get_version)


@pytest.fixture
def slots() -> Slots:
    return Slots(["diabetes130"], pod="pod-1", limit=2)


async def test_another_model_is_asked_by_its_name(
    client: httpx.AsyncClient, rows: list[Row], serve: Serve
) -> None:
    pima = dataset_named("pima")
    row = dict(pima.example or {})
    serve(2, model="pima", features=pima.features, row=row)

    answer = await client.post("/invocations?model_name=pima", json={"inputs": [row]})

    assert answer.status_code == 200
    assert answer.headers["x-relevo-model-name"] == "pima"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "an object with exactly one of dataframe_split"),
        ({"inputs": [], "instances": []}, "with exactly one of"),
        ([], "Expected `object`, got `array`"),
        ({"dataframe_records": {}}, "is an array of rows"),
        ({"instances": [[1, 2]]}, "row 0: is not a JSON object"),
        ({"inputs": 3}, "rows are an array, or an object of columns"),
        ({"inputs": [{**EXAMPLE, "insulin": "so"}]}, "row 0: `insulin` is none of"),
        ({"inputs": [{**EXAMPLE, "colour": 1}]}, "`colour` is not a field"),
        ({"dataframe_split": {"columns": ["a"], "data": []}}, "`a` is not a field"),
        ({"dataframe_split": {"data": []}}, "required field `columns`"),
    ],
)
@pytest.mark.usefixtures("rows")
async def test_what_does_not_fit_is_mlflows_error_with_our_words(
    client: httpx.AsyncClient, body: Any, told: str
) -> None:
    answer = await client.post("/invocations", json=body)

    assert answer.status_code == 400
    assert answer.json()["error_code"] == "BAD_REQUEST"
    assert told in answer.json()["message"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("[3]", "each row is an array of values"),
        ("3", "the data are an array of rows, not a number"),
        ('[["No"], []]', "row 1: has 0 values, the header 1"),
        ('[["No"], ["No", "No"]]', "row 1: has 2 values, the header 1"),
        ('[["No"], [["No"]]]', "row 1: `insulin` is not text"),
        ('[["No"', "is not JSON"),
    ],
)
async def test_a_split_table_that_is_none_is_told_so(
    client: httpx.AsyncClient, serve: Serve, data: str, told: str
) -> None:
    features = dataset_named("diabetes130").features
    [insulin] = [each for each in features if each.name == "insulin"]
    serve(features=[insulin], row={"insulin": "No"})
    body = f'{{"dataframe_split": {{"columns": ["insulin"], "data": {data}}}}}'

    answer = await client.post("/invocations", content=body)

    assert answer.status_code == 400
    assert told in answer.json()["message"]


async def test_not_a_number_is_a_missing_value(
    client: httpx.AsyncClient, rows: list[Row]
) -> None:
    row = rows[0] | {"medical_specialty": 'of "NaN", NaN'}
    bodies = [{"inputs": [row | {"race": each}]} for each in (float("nan"), None)]

    answers = [
        await client.post("/invocations", content=json.dumps(body)) for body in bodies
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert {answer.headers["x-relevo-unseen"] for answer in answers} == {
        "medical_specialty"
    }

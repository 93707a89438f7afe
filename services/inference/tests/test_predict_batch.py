"""Many rows in: those that fit are answered, the others are named."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Row = dict[str, Any]
Serve = Callable[..., Any]
IsProblem = Callable[[httpx.Response, int], Row]


async def test_many_rows_are_answered_and_a_wrong_one_sinks_no_other(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    promoted = serve(2)
    rows = [example, example | {"time_in_hospital": "x"}, 7, example]

    answer = await client.post("/predict_batch", json=rows)

    assert answer.status_code == 200, answer.text
    facts = answer.json()
    assert [each["row"] for each in facts["predictions"]] == [0, 3]
    for each in facts["predictions"]:
        assert each["probability"] == pytest.approx(promoted.probability, abs=1e-12)
    assert len({each["prediction_id"] for each in facts["predictions"]}) == 2
    assert facts["errors"] == [
        {
            "row": 1,
            "field": "time_in_hospital",
            "message": "is not a whole number",
            "value": "x",
            "allowed": "a whole number from 1 to 14",
        },
        {
            "row": 2,
            "field": None,
            "message": "is not a JSON object",
            "value": None,
            "allowed": None,
        },
    ]
    assert facts["errors_total"] == 2
    assert facts["model_version"] == "2"


async def test_columns_are_answered_as_the_same_rows(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    rows = [example, example | {"number_inpatient": 5}, example | {"race": None}]
    columns = {name: [row[name] for row in rows] for name in example}

    by_rows = (await client.post("/predict_batch", json=rows)).json()
    by_columns = (await client.post("/predict_batch", json=columns)).json()

    def probabilities(facts: Row) -> list[float]:
        return [each["probability"] for each in facts["predictions"]]

    assert len(set(probabilities(by_rows))) == 3
    assert probabilities(by_columns) == probabilities(by_rows)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"race": ["a"], "gender": []}, "the column 'gender' has 0 values"),
        ({"race": "a"}, "the column 'race' is text, not an array"),
        ("rows", "not text"),
        (False, "not true or false"),
        (1, "not a number"),
    ],
)
async def test_a_body_that_is_neither_rows_nor_columns_is_told_so(
    is_problem: IsProblem,
    client: httpx.AsyncClient,
    serve: Serve,
    body: object,
    detail: str,
) -> None:
    serve()

    assert (
        detail in is_problem(await client.post("/predict_batch", json=body), 422)["detail"]
    )


async def test_no_rows_are_answered_with_no_predictions(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    serve()
    bodies: list[object] = [[], {}, {"race": []}]
    for body in bodies:
        facts = (await client.post("/predict_batch", json=body)).json()
        assert (facts["predictions"], facts["errors"]) == ([], [])


async def test_too_many_rows_are_refused(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve
) -> None:
    serve()

    facts = is_problem(await client.post("/predict_batch", json=[{}] * 101), 413)

    assert facts["detail"] == "a batch must have 100 rows at most"


async def test_errors_beyond_the_first_thousand_are_counted(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    serve()

    facts = (await client.post("/predict_batch", json=[{}] * 100)).json()

    assert len(facts["errors"]) == 1000
    assert facts["errors_total"] > 2000

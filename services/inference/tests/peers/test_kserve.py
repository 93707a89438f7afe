"""KServe's protocol v1."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Row = dict[str, Any]
Serve = Callable[..., Any]
PATH = "/v1/models/diabetes130"


async def test_the_models_are_listed_and_each_tells_whether_it_is_ready(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    before = await client.get(PATH)
    serve()
    after = await client.get(PATH)
    models = await client.get("/v1/models")

    assert before.status_code == 503
    assert before.json() == {"error": "no model answers: no promotion of diabetes130 yet"}
    assert after.json() == {"name": "diabetes130", "ready": True}
    assert models.json() == {"models": ["diabetes130"]}


async def test_instances_are_answered_as_by_predict_batch(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    rows = [example | {"id": 7}, example | {"id": "b", "medical_specialty": "Astrology"}]
    expected = (await client.post("/predict_batch", json=rows)).json()["predictions"]

    answer = await client.post(f"{PATH}:predict", json={"instances": rows})

    told = answer.json()["predictions"]
    for given, known in zip(told, expected, strict=True):
        assert (
            given | {"row": known["row"], "prediction_id": known["prediction_id"]} == known
        )
    assert answer.headers["x-relevo-model-version"] == "1"


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        (PATH, {}, 400, "missing required field `instances`"),
        (PATH, {"instances": {"insulin": ["No"]}}, 400, "instances is an array of rows"),
        (PATH, {"instances": [{}]}, 400, "row 0: `race` is required"),
        (PATH, {"instances": [[1]]}, 400, "row 0: is not a JSON object"),
        ("/v1/models/pima", {"instances": []}, 404, "there is no model 'pima' here"),
    ],
)
async def test_what_does_not_fit_is_the_protocols_error(
    client: httpx.AsyncClient, serve: Serve, path: str, body: Row, status: int, told: str
) -> None:
    serve()

    answer = await client.post(f"{path}:predict", json=body)

    assert answer.status_code == status
    assert told in answer.json()["error"]

"""What limits a batch limits peers' requests too, and is told in the protocol's form."""

import gzip
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httpx
import pytest

from inference.settings import Settings
from relevo_datasets import dataset_named

Row = dict[str, Any]
Serve = Callable[..., Any]
DOORS: dict[str, Callable[[int], Row]] = {
    "/v2/models/diabetes130/infer": lambda rows: {
        "inputs": [
            {"name": "insulin", "shape": [rows], "datatype": "BYTES", "data": ["No"] * rows}
        ]
    },
    "/v1/models/diabetes130:predict": lambda rows: {
        "instances": [{"insulin": "No"}] * rows
    },
    "/invocations": lambda rows: {"inputs": {"insulin": ["No"] * rows}},
    "/invocations?model_name=diabetes130": lambda rows: {
        "dataframe_split": {"columns": ["insulin"], "data": [["No"]] * rows}
    },
}
"""By the path: a request of so many rows of one word."""
every_door = pytest.mark.parametrize("path", DOORS)


def told(answer: httpx.Response) -> str:
    """The sentence for a person, where the protocol has it."""
    facts: dict[str, str] = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert set(facts) in ({"error"}, {"error_code", "message"})
    return facts.get("error") or facts["message"]


@pytest.fixture(autouse=True)
def _one_word(serve: Serve) -> None:
    """A model that takes one word."""
    features = dataset_named("diabetes130").features
    [insulin] = [each for each in features if each.name == "insulin"]
    serve(features=[insulin], row={"insulin": "No"})


@every_door
async def test_so_many_rows_and_not_one_more(
    client: httpx.AsyncClient, settings: Settings, path: str
) -> None:
    most = settings.inference_max_rows

    answers = [await client.post(path, json=DOORS[path](most + more)) for more in (0, 1)]

    assert [answer.status_code for answer in answers] == [200, 413]
    assert told(answers[1]) == f"a batch must have {most} rows at most"


@every_door
@pytest.mark.parametrize("packed", [False, True])
async def test_so_many_bytes_packed_or_not(
    client: httpx.AsyncClient, settings: Settings, path: str, packed: bool
) -> None:
    body = json.dumps(DOORS[path](1)).encode() + b" " * settings.inference_max_bytes
    headers = {"content-encoding": "gzip"} if packed else {}
    content = gzip.compress(body) if packed else body

    answer = await client.post(path, content=content, headers=headers)

    assert answer.status_code == 413
    assert "bytes at most" in told(answer)


@every_door
async def test_an_unknown_parameter_an_empty_body_and_another_type_are_told(
    client: httpx.AsyncClient, path: str
) -> None:
    html = {"content-type": "text/html"}

    sign = "&" if "?" in path else "?"
    assert "'colour' here" in told(await client.post(f"{path}{sign}colour=red"))
    assert told(await client.post(path)) == "the body is empty"
    refused = await client.post(path, content=b"<p>", headers=html)
    assert refused.status_code == 415
    assert "not text/html" in told(refused)


@every_door
async def test_one_request_too_many_is_refused_with_when_to_come_again(
    app: Any, client: httpx.AsyncClient, path: str
) -> None:
    gate = next(each for each in app.user_middleware if "room" in each.kwargs)
    gate.kwargs["room"].requests.most = 0

    answer = await client.post(path, json=DOORS[path](1))

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert told(answer) == "this pod has more to do than it can"
    assert answer.headers["retry-after"] == "1"


@every_door
async def test_a_row_that_does_not_fit_refuses_all_and_is_counted(
    client: httpx.AsyncClient, path: str
) -> None:
    async def refused() -> float:
        text = (await client.get("/metrics")).text
        line = 'relevo_inference_refused_rows_total{model="diabetes130"} '
        return float(text.partition(line)[2].partition("\n")[0] or 0)

    before = await refused()
    body = str(DOORS[path](3)).replace("'No'", "'Nowhere'", 1).replace("'", '"')

    answer = await client.post(
        path, content=body, headers={"content-type": "application/json"}
    )

    assert answer.status_code == 400
    assert told(answer).startswith("row 0: `insulin` is none of its words")
    assert await refused() == before + 1

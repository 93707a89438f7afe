"""A form of what a model takes, answers and refusals in words, many rows passed on."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import httpx
import pytest

from console.asking.pods import PASSED_BY, Pods, Silence
from console.pages.guards import HEADER

FakePods = Any
EXAMPLE = {
    "Pregnancies": 2,
    "Glucose": 197,
    "BloodPressure": 70,
    "SkinThickness": 45,
    "Insulin": 543,
    "BMI": 30.5,
    "DiabetesPedigreeFunction": 0.158,
    "Age": 53,
}
"""Of the model that the pods tell."""
BY_SCRIPT = {"hx-request": "true"}
CSV = "row,prediction,probability,label,prediction_id,unseen,error\r\n0,0,0.1,no,x,,\r\n"


async def token(client: httpx.AsyncClient) -> str:
    """As a browser that opened the page has it; its cookie is for the prefix alone."""
    answer = await client.get("/predict/pima")
    found = re.search(r'name="csrf" value="([^"]+)"', answer.text)
    assert found
    client.cookies.clear()
    client.cookies.set("relevo_csrf", found[1])
    return found[1]


async def ask(
    client: httpx.AsyncClient, row: Mapping[str, object], before: str = ""
) -> httpx.Response:
    sent = {f"field.{name}": str(value) for name, value in row.items()}
    sent |= {"csrf": await token(client), "before": before}
    return await client.post("/predict/pima", data=sent, headers=BY_SCRIPT)


async def test_the_first_model_is_the_page_when_none_is_named(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/predict")

    assert (answer.status_code, answer.headers["location"]) == (303, "/relevo/predict/pima")


async def test_an_example_fills_the_form(client: httpx.AsyncClient) -> None:
    page = (await client.get("/predict/pima?example=a woman at high risk")).text

    for name, value in EXAMPLE.items():
        assert re.search(rf'name="field.{name}" value="{value}"', page), name


async def test_an_answer_tells_what_how_probable_and_by_whom(
    client: httpx.AsyncClient, fake_pods: FakePods
) -> None:
    fake_pods.unseen = ["Age"]
    answer = unescape((await ask(client, EXAMPLE)).text)

    assert fake_pods.rows == [{name: str(value) for name, value in EXAMPLE.items()}]
    assert "75.0 %" in answer
    assert "is said from 64.1 % on" in answer
    assert re.search(r"answered by version 1, on pod-\d", answer)
    assert "Never seen in training: Age" in answer
    assert 'hx-target="#last" hx-swap="afterbegin"' in answer


async def test_a_swap_between_two_clicks_is_told(
    client: httpx.AsyncClient, fake_pods: FakePods
) -> None:
    same = await ask(client, EXAMPLE, before="1")
    fake_pods.version = "2"
    other = await ask(client, EXAMPLE, before="1")

    assert "answered before" not in same.text
    assert "answered by version 2; version 1 answered before" in other.text
    assert 'name="before" value="2"' in other.text


async def test_what_a_pod_refuses_stands_beside_its_field_and_what_was_written_stays(
    client: httpx.AsyncClient, fake_pods: FakePods
) -> None:
    wrong = {"message": "is out of range", "value": "900", "allowed": "0 to 120"}
    errors = [{"field": "Age", **wrong}, {"field": "<i>", "message": "is no field"}]
    problem = {"status": 422, "detail": "no", "errors": errors}
    fake_pods.refusal = httpx.Response(422, json=problem)

    answer = (await ask(client, EXAMPLE | {"Age": 900}, before="7")).text

    assert re.search(r'value="900" aria-describedby="\S+ \S+" aria-invalid="true"', answer)
    assert re.search(r'-error" class="bad">is out of range; it takes 0 to 120<', answer)
    assert "&lt;i&gt;: is no field" in answer
    assert 'name="before" value="7"' in answer


async def test_a_pod_that_is_away_or_has_no_model_is_passed_by(
    fake_pods: FakePods,
) -> None:
    fake_pods.away = {"pod-1"}
    async with httpx.AsyncClient(transport=httpx.MockTransport(fake_pods)) as client:
        pods = Pods(client, fake_pods.urls)
        told = {(await pods.model("pima"))[0].pod for _ in range(3)}

        assert told == {"pod-2"}
        with pytest.raises(Silence, match="there is no model 'other' here"):
            await pods.model("other")
    assert 503 in PASSED_BY


async def test_when_no_pod_answers_the_page_says_so_and_what_to_do(
    client: httpx.AsyncClient, fake_pods: FakePods
) -> None:
    sent = {"csrf": await token(client), "field.Age": "3"}
    fake_pods.away = {"pod-1", "pod-2"}

    pages = [await client.get(path) for path in ("/predict", "/predict/pima")]
    answer = await client.post("/predict/pima", data=sent, headers=BY_SCRIPT)

    for page in pages:
        assert page.status_code == 503
        assert "http://pod-1 (connection refused)" in page.text
        assert "CONSOLE_INFERENCE_URLS" in page.text
    assert "no pod answers" in answer.text


async def test_nothing_is_asked_for_a_page_of_elsewhere(
    client: httpx.AsyncClient, fake_pods: FakePods
) -> None:
    sent = {"csrf": await token(client), "field.Age": "3"}
    headers = {"sec-fetch-site": "cross-site", HEADER: sent["csrf"]}

    answer = await client.post("/predict/pima", data=sent, headers=headers | BY_SCRIPT)
    rows = await client.post("/predict/pima/rows", content=b"a", headers=headers)
    file = await client.post("/rows-of-parquet", content=b"a", headers=headers)

    assert "by a page of another site" in answer.text
    assert (rows.status_code, file.status_code) == (403, 403)
    assert not fake_pods.rows
    assert not fake_pods.bodies


async def test_many_rows_go_to_a_pod_as_they_are_and_its_answers_come_back(
    client: httpx.AsyncClient, fake_pods: FakePods
) -> None:
    headers = {"x-relevo-model-version": "1", "content-type": "text/csv"}
    fake_pods.batch = httpx.Response(200, content=CSV.encode(), headers=headers)
    sent = {"content-type": "application/json", HEADER: await token(client)}

    answer = await client.post("/predict/pima/rows", content=b"[{}]", headers=sent)

    (request, body), *_ = fake_pods.bodies
    assert body == b"[{}]"
    assert request.headers["content-type"] == "application/json"
    assert (request.headers["accept"], request.url.params["model_name"]) == (
        "text/csv",
        "pima",
    )
    assert answer.text == CSV
    assert answer.headers["x-relevo-model-version"] == "1"
    assert answer.headers["x-relevo-pod"].startswith("pod-")


async def test_a_pods_limit_is_told_in_its_words(
    client: httpx.AsyncClient, fake_pods: FakePods
) -> None:
    detail = "a batch must have 50000 rows at most"
    fake_pods.batch = httpx.Response(413, json={"status": 413, "detail": detail})

    answer = await client.post(
        "/predict/pima/rows", content=b"a", headers={HEADER: await token(client)}
    )

    assert (answer.status_code, answer.json()["detail"]) == (413, detail)

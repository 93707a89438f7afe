"""What clients that were not written for a pod send, and what they are told."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from inference.settings import Settings
from inference.tables.formats import Format
from relevo_datasets import dataset_named
from relevo_runtime.http.shell import surround

Row = dict[str, Any]
Serve = Callable[..., Any]
IsProblem = Callable[[httpx.Response, int], Row]
NAMES = [feature.name for feature in dataset_named("diabetes130").features]


def as_csv(row: Row, separator: str = ",") -> str:
    cells = ["" if value is None else str(value) for value in row.values()]
    return f"{separator.join(row)}\n{separator.join(cells)}\n"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/predict?modelname=pima", "did you mean 'model_name'?"),
        ("/predict?model_name=diabetes130&MODEL=x", "'MODEL' here; there is model_name"),
        ("/predict_batch?stric=true", "did you mean 'strict'?"),
        ("/models/diabetes130/predict?model_name=x", "there is none"),
        ("/predict?" + "x" * 5000, "no query parameter 'xxx"),
    ],
)
async def test_a_query_parameter_that_is_unknown_is_refused_with_the_nearest(
    is_problem: IsProblem,
    client: httpx.AsyncClient,
    serve: Serve,
    example: Row,
    path: str,
    told: str,
) -> None:
    serve()

    facts = is_problem(await client.post(path, json=example), 422)

    assert told in facts["detail"]
    assert len(facts["detail"]) < 200


@pytest.mark.parametrize(
    ("name", "kind", "form"),
    [
        ("rows.csv", "", Format.CSV),
        ("rows", "text/csv", Format.CSV),
        ("rows.csv", "application/vnd.ms-excel", Format.CSV),
        ("rows.json", "application/octet-stream", Format.JSON),
        ("rows.jsonl", "", Format.LINES),
    ],
)
async def test_a_file_in_a_form_is_read_by_its_type_or_its_name(
    client: httpx.AsyncClient,
    serve: Serve,
    example: Row,
    name: str,
    kind: str,
    form: Format,
) -> None:
    serve()
    expected = (await client.post("/predict_batch", json=[example])).json()
    text = {
        Format.CSV: as_csv(example),
        Format.JSON: json.dumps([example]),
        Format.LINES: json.dumps(example),
    }

    file = (name, text[form].encode(), kind)
    answer = await client.post(
        "/predict_batch", files={"rows": file}, data={"comment": "from a browser"}
    )

    assert answer.status_code == 200, answer.text
    [given], [one] = answer.json()["predictions"], expected["predictions"]
    assert given["probability"] == one["probability"]


@pytest.mark.parametrize(
    ("files", "status", "told"),
    [
        ({"a": ("a.csv", b"", "text/csv")}, 400, "the file is empty"),
        ({"a": ("a.txt", b"x", "text/plain")}, 415, "'a.txt' of type 'text/plain'"),
        ({"a": ("a.csv", b"x"), "b": ("b.csv", b"x")}, 400, "more than one file"),
    ],
)
async def test_a_form_without_one_file_that_is_understood_is_told_so(
    is_problem: IsProblem,
    client: httpx.AsyncClient,
    serve: Serve,
    files: Any,
    status: int,
    told: str,
) -> None:
    serve()

    facts = is_problem(await client.post("/predict_batch", files=files), status)

    assert told in facts["detail"]


@pytest.mark.parametrize("boundary", ["; boundary=x", "", "; boundary=" + "y" * 500])
async def test_a_form_that_is_none_is_told_so(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, boundary: str
) -> None:
    serve()
    headers = {"content-type": f"multipart/form-data{boundary}"}

    answer = await client.post("/predict_batch", content=b"a,b\n1,2\n", headers=headers)

    is_problem(answer, 400)


async def test_what_curl_sends_by_default_is_answered_with_what_to_add(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    for path in ("/predict", "/predict_batch"):
        answer = await client.post(path, content=json.dumps(example), headers=headers)

        detail = is_problem(answer, 415)["detail"]
        assert "add -H 'content-type: application/json'" in detail


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda row: as_csv(row, ";"), "separated by semicolons"),
        (lambda row: as_csv(row, "\t"), "separated by tabs"),
        (lambda row: as_csv({"": 0, **row}), "pandas: index=False"),
        (lambda row: as_csv({"Unnamed: 0": 0, **row}), "pandas: index=False"),
        (lambda row: as_csv(row).partition("\n")[2], "the first line seems to be a row"),
    ],
)
async def test_a_csv_of_another_kind_is_recognised_in_words(
    is_problem: IsProblem,
    client: httpx.AsyncClient,
    serve: Serve,
    example: Row,
    change: Callable[[Row], str],
    told: str,
) -> None:
    serve()
    headers = {"content-type": "text/csv"}

    answer = await client.post("/predict_batch", content=change(example), headers=headers)

    assert told in is_problem(answer, 422)["detail"]


@pytest.mark.parametrize("prefix", ["", "/relevo"])
async def test_who_comes_by_a_browser_is_led_to_the_docs_also_below_a_prefix(
    app: FastAPI, settings: Settings, prefix: str
) -> None:
    transport = httpx.ASGITransport(surround(app, settings))
    headers = {"x-forwarded-prefix": prefix} if prefix else {}
    url = f"http://proxy{prefix}"
    async with httpx.AsyncClient(transport=transport, headers=headers) as client:
        start = await client.get(f"{url}/", follow_redirects=True)
        heads = [await client.head(url + path) for path in ("/health", "/docs", "/models")]
        script = start.text.partition('script src="')[2].partition('"')[0]
        script_answer = await client.get(f"http://proxy{script}")
        page = (await client.get(f"{url}/openapi.json")).json()

    assert str(start.url) == f"{url}/docs"
    assert f"{prefix}/openapi.json" in start.text
    assert script.startswith(f"{prefix}/static")
    assert script_answer.status_code == 200
    assert page.get("servers", [{"url": ""}]) == [{"url": prefix}]
    assert [answer.status_code for answer in heads] == [200, 200, 200]

"""One row in, one prediction out, or a problem that a person can act on."""

import gzip
import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

Row = dict[str, Any]
Serve = Callable[..., Any]
IsProblem = Callable[[httpx.Response, int], Row]

AS_IN_THE_ISSUE = (
    b'{"race":"Caucasian","gender":"Female","age_bucket":"[70-80)","time_in_hospital":3,'
    b'"num_lab_procedures":41,"num_procedures":0,"num_medications":11,'
    b'"number_outpatient":0,"number_emergency":0,"number_inpatient":0,'
    b'"number_diagnoses":6,"max_glu_serum":"None","a1c_result":"None",'
    b'"insulin":"Steady",\n "change_med":true,"diabetes_med":true,"diag_1":"428",'
    b'"diag_2":"250.01","diag_3":"401","medical_specialty":"Cardiology",'
    b'"admission_type_id":1,"discharge_disposition_id":1,"admission_source_id":7}'
)
JSON = {"content-type": "application/json"}


async def test_the_example_of_the_issue_is_answered_by_the_promoted_model(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    promoted = serve(3)

    answer = await client.post("/predict", content=AS_IN_THE_ISSUE, headers=JSON)

    assert answer.status_code == 200, answer.text
    facts = answer.json()
    assert facts.keys() == {
        *("prediction", "probability", "label", "model_name", "model_version"),
        *("prediction_id", "timestamp", "unseen"),
    }
    assert facts["probability"] == pytest.approx(promoted.probability, abs=1e-12)
    assert facts["prediction"] == int(facts["probability"] >= 0.5)
    assert facts["label"] == ("no", "yes")[facts["prediction"]]
    assert (facts["model_name"], facts["model_version"]) == ("diabetes130", "3")
    assert UUID(facts["prediction_id"]).version == 7
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", facts["timestamp"])
    assert "x-relevo-unseen" not in answer.headers


async def test_the_threshold_of_the_model_decides_the_class(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    promoted = serve(1)
    serve(2, manifest={"threshold": promoted.probability + 0.05})
    below = (await client.post("/predict", json=example)).json()
    serve(3, manifest={"threshold": 0.01})
    above = (await client.post("/predict", json=example)).json()

    assert [below["prediction"], below["label"]] == [0, "no"]
    assert [above["prediction"], above["label"]] == [1, "yes"]


async def test_a_value_that_does_not_fit_is_told_by_field_value_and_what_is_allowed(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()

    answer = await client.post("/predict", json=example | {"time_in_hospital": 99})

    facts = is_problem(answer, 422)
    assert facts["errors"] == [
        {
            "field": "time_in_hospital",
            "message": "is out of range",
            "value": "99",
            "allowed": "a whole number from 1 to 14",
        }
    ]
    assert facts["detail"] == (
        "`time_in_hospital` is out of range (99); it takes a whole number from 1 to 14"
    )


async def test_an_unknown_field_is_told_with_the_name_that_may_be_meant(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    row = {name: value for name, value in example.items() if name != "age_bucket"}

    facts = is_problem(await client.post("/predict", json=row | {"Age": "x"}), 422)

    assert [(each["field"], each["message"]) for each in facts["errors"]] == [
        ("Age", "is not a field of diabetes130; did you mean `age_bucket`?"),
        ("age_bucket", "is required"),
    ]
    assert facts["detail"] == (
        "`Age` is not a field of diabetes130; did you mean `age_bucket`?, and 1 more"
    )


async def test_a_category_that_nobody_knows_is_answered_and_named_in_a_header(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    row = example | {"medical_specialty": "Astrology", "race": "Martian"}

    answer = await client.post("/predict", json=row)

    assert answer.status_code == 200
    assert answer.headers["x-relevo-unseen"] == "race, medical_specialty"


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"\xff\xfe\x00", b"[" * 60_000, b"9" * 5000),
        b'{"race": "\\ud800"}',
    ],
)
@pytest.mark.parametrize("path", ["/predict", "/predict_batch"])
async def test_a_body_that_is_not_json_is_a_bad_request(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, path: str, body: bytes
) -> None:
    serve()

    facts = is_problem(await client.post(path, content=body, headers=JSON), 400)

    assert facts["detail"].startswith("the body is not JSON")


@pytest.mark.parametrize("body", [b"[]", b"null", b"3", b'"text"', b"true", b"{}"])
async def test_json_that_is_no_row_is_told_so(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, body: bytes
) -> None:
    serve()

    is_problem(await client.post("/predict", content=body, headers=JSON), 422)


@pytest.mark.parametrize("path", ["/predict", "/predict_batch"])
async def test_a_body_of_another_type_is_refused(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, path: str
) -> None:
    serve()

    facts = is_problem(await client.post(path, data={"race": "x"}), 415)

    assert "application/json" in facts["detail"]


async def test_a_charset_and_an_absent_type_are_no_reason_to_refuse(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    serve()
    for headers in ({"content-type": "application/json; charset=utf-8"}, {}):
        answer = await client.post("/predict", content=AS_IN_THE_ISSUE, headers=headers)
        assert answer.status_code == 200


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "in chunks"])
async def test_a_body_that_is_too_long_is_refused(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, declared: bool
) -> None:
    serve()
    sent = 0

    async def chunks() -> Any:
        nonlocal sent
        for _ in range(1000):
            sent += 1000
            yield b" " * 1000

    content = b" " * 1_000_000 if declared else chunks()
    facts = is_problem(await client.post("/predict", content=content, headers=JSON), 413)

    assert facts["detail"] == "the body must have 65536 bytes at most"
    assert sent <= 67_000


@pytest.mark.parametrize(
    "path", ["/predict?model_name=diabetes130", "/models/diabetes130/predict"]
)
async def test_a_model_is_asked_by_its_name(
    client: httpx.AsyncClient, serve: Serve, example: Row, path: str
) -> None:
    promoted = serve(7)

    facts = (await client.post(path, json=example)).json()

    assert (facts["model_name"], facts["model_version"]) == ("diabetes130", "7")
    assert facts["probability"] == pytest.approx(promoted.probability, abs=1e-12)


@pytest.mark.parametrize(
    "path",
    [
        "/predict?model_name=other",
        "/models/other/predict",
        "/predict_batch?model_name=other",
    ],
)
async def test_a_model_that_is_not_here_is_told_with_those_that_are(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, example: Row, path: str
) -> None:
    serve()

    facts = is_problem(await client.post(path, json=example), 404)

    assert facts["detail"] == "there is no model 'other' here; there is diabetes130"


@pytest.mark.parametrize("body", [b"", b" \n"])
@pytest.mark.parametrize("path", ["/predict", "/predict_batch"])
async def test_an_empty_body_is_told_so(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, path: str, body: bytes
) -> None:
    serve()

    facts = is_problem(await client.post(path, content=body, headers=JSON), 400)

    assert facts["detail"] == "the body is empty"


@pytest.mark.parametrize("path", ["/predict", "/predict_batch"])
async def test_a_body_may_be_gzip(
    client: httpx.AsyncClient, serve: Serve, example: Row, path: str
) -> None:
    serve()
    rows = example if path == "/predict" else [example]
    body = gzip.compress(json.dumps(rows).encode())
    headers = JSON | {"content-encoding": "gzip"}

    whole = await client.post(path, content=body, headers=headers)
    broken = [
        await client.post(path, content=each, headers=headers)
        for each in (b"x", body[:-9], body + body)
    ]
    bomb = await client.post(
        path, content=gzip.compress(b" " * 50_000_000), headers=headers
    )

    assert whole.status_code == 200
    assert [answer.status_code for answer in broken] == [400, 400, 400]
    assert bomb.status_code == 413


@pytest.mark.parametrize("encoding", ["br, gzip", "zstd"])
async def test_a_body_compressed_in_another_way_is_refused(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, encoding: str
) -> None:
    serve()
    headers = JSON | {"content-encoding": encoding}

    facts = is_problem(await client.post("/predict", content=b"x", headers=headers), 415)

    assert encoding in facts["detail"]


@pytest.mark.parametrize(
    "odd",
    [
        *(
            b'{"race":1e400}',
            b'{"race":-Infinity}',
            b'{"race":"a\\u0000b"}',
            b"\xef\xbb\xbf{}",
        ),
        b'{"time_in_hospital":' + b"1" * 400 + b"}",
        b'{"race":"Asian","race":"Asian","":null}',
        b'{"race":' * 150 + b"1" + b"}" * 150,
    ],
)
async def test_odd_json_is_a_problem_of_the_caller(
    client: httpx.AsyncClient, serve: Serve, odd: bytes
) -> None:
    serve()

    for path, body in (("/predict", odd), ("/predict_batch", b"[" + odd + b"]")):
        answer = await client.post(path, content=body, headers=JSON)
        assert answer.status_code in {200, 400, 422}, answer.text

"""What callers send, and what they get."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from inference.slot import Slot
from relevo_runtime.readiness import Readiness

Row = dict[str, Any]
Serve = Callable[..., Any]

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


def is_problem(answer: httpx.Response, status: int) -> Row:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    facts: Row = answer.json()
    assert facts["status"] == status
    assert facts["type"]
    assert facts["title"]
    assert facts["detail"]
    return facts


async def test_the_example_of_the_issue_is_answered_by_the_promoted_model(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    promoted = serve(3)

    answer = await client.post("/predict", content=AS_IN_THE_ISSUE, headers=JSON)

    assert answer.status_code == 200, answer.text
    facts = answer.json()
    assert facts.keys() == {
        *("prediction", "probability", "label", "model_name", "model_version"),
        *("prediction_id", "timestamp"),
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
    client: httpx.AsyncClient, serve: Serve, example: Row
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
        "time_in_hospital is out of range (99); it takes a whole number from 1 to 14"
    )


async def test_an_unknown_field_is_told_with_the_name_that_may_be_meant(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    row = {name: value for name, value in example.items() if name != "age_bucket"}

    facts = is_problem(await client.post("/predict", json=row | {"age": "x"}), 422)

    assert [(each["field"], each["message"]) for each in facts["errors"]] == [
        ("age_bucket", "is required"),
        ("age", "is not a field of diabetes130; did you mean age_bucket?"),
    ]


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
        *(b"", b"{", b'{"a": NaN}', b"\xff\xfe\x00", b"[" * 100_000, b"9" * 5000),
        b'{"race": "\\ud800"}',
    ],
)
@pytest.mark.parametrize("path", ["/predict", "/predict_batch"])
async def test_a_body_that_is_not_json_is_a_bad_request(
    client: httpx.AsyncClient, serve: Serve, path: str, body: bytes
) -> None:
    serve()

    facts = is_problem(await client.post(path, content=body, headers=JSON), 400)

    assert facts["detail"].startswith("the body is not JSON")


@pytest.mark.parametrize("body", [b"[]", b"null", b"3", b'"text"', b"true", b"{}"])
async def test_json_that_is_no_row_is_told_so(
    client: httpx.AsyncClient, serve: Serve, body: bytes
) -> None:
    serve()

    is_problem(await client.post("/predict", content=body, headers=JSON), 422)


@pytest.mark.parametrize("path", ["/predict", "/predict_batch"])
async def test_a_body_of_another_type_is_refused(
    client: httpx.AsyncClient, serve: Serve, path: str
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
    client: httpx.AsyncClient, serve: Serve, declared: bool
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

    assert facts["detail"] == "the body must have 100000 bytes at most"
    assert sent <= 102_000


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
    client: httpx.AsyncClient, serve: Serve, body: object, detail: str
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


async def test_too_many_rows_are_refused(client: httpx.AsyncClient, serve: Serve) -> None:
    serve()

    facts = is_problem(await client.post("/predict_batch", json=[{}] * 101), 413)

    assert facts["detail"] == "a batch must have 100 rows at most, not 101"


async def test_errors_beyond_the_first_thousand_are_counted(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    serve()

    facts = (await client.post("/predict_batch", json=[{}] * 100)).json()

    assert len(facts["errors"]) == 1000
    assert facts["errors_total"] > 2000


async def test_without_a_model_callers_are_told_to_come_again(
    client: httpx.AsyncClient, readiness: Readiness, example: Row
) -> None:
    readiness.wait_for("no promotion of diabetes130 yet")
    answers = [
        await client.post("/predict", json=example),
        await client.post("/predict_batch", json=[example]),
        await client.get("/ready"),
        await client.get("/model-info"),
    ]

    for answer in answers:
        assert "no promotion of diabetes130 yet" in is_problem(answer, 503)["detail"]
        assert answer.headers["retry-after"] == "5"
    health = await client.get("/health")
    assert health.status_code == 200
    assert (health.json()["model_loaded"], health.json()["model_version"]) == (False, None)


async def test_with_a_model_the_pod_is_ready_and_tells_which(
    client: httpx.AsyncClient, serve: Serve, slot: Slot
) -> None:
    promoted = serve(4)

    assert (await client.get("/ready")).json() == {"status": "ready"}
    health = (await client.get("/health")).json()
    assert health == {
        "status": "ok",
        "model_loaded": True,
        "model_version": "4",
        "version": health["version"],
    }
    info = (await client.get("/model-info")).json()
    event = promoted.promotion.event
    assert (info["model_version"], info["pod"]) == ("4", "pod-1")
    assert info["bundle_sha256"] == event.bundle.sha256
    assert info["signature_sha256"] == event.signature_sha256
    assert info["lineage"]["batches"] == ["diabetes130-0001"]
    assert info["metrics"]["roc_auc"] == {"value": 0.67, "low": 0.65, "high": 0.69}
    assert datetime.fromisoformat(info["serving_since"]).tzinfo is not None
    assert len(info["features"]) == len(promoted.manifest.features)
    assert info["refused"] is None


async def test_what_was_refused_is_told_beside_what_serves(
    client: httpx.AsyncClient, serve: Serve, slot: Slot, promote: Callable[..., Any]
) -> None:
    serve(4)
    slot.refuse(promote(5).promotion, "it is broken", now=0.0)

    info = (await client.get("/model-info")).json()

    assert info["model_version"] == "4"
    assert info["refused"]["model_version"] == "5"
    assert info["refused"]["reason"] == "it is broken"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/predict", 405), ("GET", "/nowhere", 404), ("DELETE", "/health", 405)],
)
async def test_what_is_not_there_is_a_problem_too(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)

    assert path in is_problem(answer, status)["detail"]
    if status == 405:
        assert answer.headers["allow"]


async def test_a_bug_is_a_problem_without_its_secrets(
    client: httpx.AsyncClient, serve: Serve, slot: Slot, example: Row
) -> None:
    serve()
    slot.serving = "not a model, says the test"  # type: ignore[assignment]

    facts = is_problem(await client.post("/predict", json=example), 500)

    assert "test" not in json.dumps(facts)


async def test_requests_are_counted_by_route_and_status(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    async def figure(name: str) -> float:
        page = (await client.get("/metrics")).text
        found = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
        return float(found[1]) if found else 0.0

    serve(88)
    names = (
        'relevo_inference_requests_total{route="/predict",status="200"}',
        'relevo_inference_requests_total{route="/predict",status="422"}',
        'relevo_inference_requests_total{route="other",status="404"}',
        'relevo_inference_request_duration_seconds_count{route="/predict"}',
        'relevo_inference_unseen_categories_total{feature="race"}',
        "relevo_inference_refused_rows_total",
    )
    before = [await figure(name) for name in names]
    await client.post("/predict", json=example | {"race": "Martian"})
    await client.post("/predict", json={})
    await client.get("/some/path/that/nobody/has")

    after = [await figure(name) for name in names]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1, 1, 2, 1, 1]
    answered = (
        "relevo_inference_predictions_total"
        '{model="diabetes130",model_version="88",prediction="1"}'
    )
    assert await figure(answered) == 1

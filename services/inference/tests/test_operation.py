"""What a pod tells of itself, of its model and of what went wrong."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from inference.duty.slot import Slot
from relevo_runtime.http.readiness import Readiness

Row = dict[str, Any]
Serve = Callable[..., Any]
IsProblem = Callable[[httpx.Response, int], Row]


async def test_without_a_model_callers_are_told_to_come_again(
    is_problem: IsProblem, client: httpx.AsyncClient, example: Row
) -> None:
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


async def test_a_pod_that_has_not_reached_the_broker_says_so(
    is_problem: IsProblem, client: httpx.AsyncClient, readiness: Readiness
) -> None:
    readiness.wait_for("starting: Kafka is away")

    assert "Kafka is away" in is_problem(await client.get("/ready"), 503)["detail"]


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
        "source_status": "unknown",
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
    assert info["alias"] == "champion"
    assert (info["refused"], info["previous"]) == (None, None)


async def test_who_served_before_is_told_with_its_time(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    first = serve(4)
    since = (await client.get("/model-info")).json()["serving_since"]
    serve(5)

    info = (await client.get("/model-info")).json()

    assert info["previous"] == {
        "model_version": "4",
        "bundle_sha256": first.promotion.event.bundle.sha256,
        "serving_since": since,
        "serving_until": info["serving_since"],
    }


async def test_what_was_refused_is_told_beside_what_serves(
    client: httpx.AsyncClient, serve: Serve, slot: Slot, promote: Callable[..., Any]
) -> None:
    serve(4)
    slot.refuse(promote(5).promotion, "it is broken", now=0.0)

    info = (await client.get("/model-info")).json()
    [listed] = (await client.get("/models")).json()["models"]

    assert info["model_version"] == "4"
    assert info["refused"]["model_version"] == "5"
    assert info["refused"]["reason"] == "it is broken"
    assert (listed["model_version"], listed["refused"]) == ("4", info["refused"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/predict", 405), ("GET", "/nowhere", 404), ("DELETE", "/health", 405)],
)
async def test_what_is_not_there_is_a_problem_too(
    is_problem: IsProblem, client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)

    assert path in is_problem(answer, status)["detail"]
    if status == 405:
        assert answer.headers["allow"]


async def test_a_bug_is_a_problem_without_its_secrets(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, slot: Slot, example: Row
) -> None:
    serve()
    slot.serving = "not a model, says the test"  # type: ignore[assignment]

    facts = is_problem(await client.post("/predict", json=example), 500)

    assert "test" not in json.dumps(facts)


async def shown(client: httpx.AsyncClient, name: str) -> float:
    page = (await client.get("/metrics")).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def test_a_request_before_the_first_version_counts_as_one_about_no_model(
    client: httpx.AsyncClient, example: Row
) -> None:
    nobody, model = (
        f'relevo_inference_requests_total{{model="{name}",route="/predict",status="503"}}'
        for name in ("", "diabetes130")
    )
    before = await shown(client, nobody), await shown(client, model)

    assert (await client.post("/predict", json=example)).status_code == 503

    after = await shown(client, nobody), await shown(client, model)
    assert after == (before[0] + 1, before[1])


async def test_requests_are_counted_by_route_and_status(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve(88)
    names = (
        'relevo_inference_requests_total{model="diabetes130",route="/predict",status="200"}',
        'relevo_inference_requests_total{model="diabetes130",route="/predict",status="422"}',
        'relevo_inference_requests_total{model="",route="other",status="404"}',
        'relevo_inference_request_duration_seconds_count{model="diabetes130",route="/predict"}',
        'relevo_inference_unseen_categories_total{feature="race",model="diabetes130"}',
        'relevo_inference_refused_rows_total{model="diabetes130"}',
    )
    before = [await shown(client, name) for name in names]
    await client.post("/predict", json=example | {"race": "Martian"})
    await client.post("/predict", json={})
    await client.get("/some/path/that/nobody/has")

    after = [await shown(client, name) for name in names]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1, 1, 2, 1, 1]
    answered = (
        "relevo_inference_predictions_total"
        '{model="diabetes130",model_version="88",prediction="1"}'
    )
    assert await shown(client, answered) == 1

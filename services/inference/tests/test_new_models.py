"""A model that is promoted for the first time gets a place of its own, if there is one."""

import asyncio
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from structlog.testing import capture_logs

from inference.duty.slots import MOST_TOLD, Slots
from relevo_runtime.testing import eventually

Row = dict[str, Any]
Pod = Any
Promote = Callable[..., Any]
IsProblem = Callable[[httpx.Response, int], Row]

LIMIT = 8


@pytest.fixture
def slots() -> Slots:
    return Slots(["diabetes130"], pod="pod-1", limit=LIMIT)


async def served(pod: Pod, promoted: Any) -> None:
    number = len(pod.facts) + 1
    await pod.hear(promoted)
    assert (await pod.told(number)).outcome == "served"


async def models(client: httpx.AsyncClient) -> dict[str, Row]:
    listed = (await client.get("/models")).json()["models"]
    return {each["model_name"]: each for each in listed}


@pytest.mark.parametrize("name", ["pima", "a b&c", "%2F?#", '"quoted" {}%s\\', "x" * 200])
async def test_a_new_model_answers_under_its_name_whatever_that_is(
    pod: Pod, promote: Promote, client: httpx.AsyncClient, example: Row, name: str
) -> None:
    await served(pod, promote(1))
    await served(pod, promote(2, model=name))
    quoted = quote(name, safe="")

    answers = [
        await client.post(f"/models/{quoted}/predict", json=example),
        await client.post(f"/predict?model_name={quoted}", json=example),
        await client.post(f"/predict_batch?model_name={quoted}", json=[example]),
        await client.get(f"/models/{quoted}"),
    ]

    as_csv = {"accept": "text/csv"}
    table = await client.post(
        f"/predict_batch?model_name={quoted}", json=[example], headers=as_csv
    )
    assert table.headers["x-relevo-model-name"] == name
    for answer in answers:
        facts = answer.json()
        assert (facts["model_name"], facts["model_version"]) == (name, "2")
    default = (await client.post("/predict", json=example)).json()
    assert (default["model_name"], default["model_version"]) == ("diabetes130", "1")
    assert list(await models(client)) == ["diabetes130", name]


@pytest.mark.slow
async def test_requests_go_on_while_new_models_come_and_change(
    pod: Pod, promote: Promote, client: httpx.AsyncClient, example: Row
) -> None:
    await served(pod, promote(1))
    names = [f"m{number}" for number in range(1, LIMIT)]
    done = asyncio.Event()
    answered = {"diabetes130": 0} | dict.fromkeys(names, 0)

    async def call(name: str) -> None:
        while not done.is_set() or not answered[name]:
            answer = await client.post(f"/models/{name}/predict", json=example)
            # 404: its first promotion was not heard yet; 503: it is on its way
            assert answer.status_code == 200 or not answered[name], answer.text
            assert answer.status_code in {200, 404, 503}
            answered[name] += answer.status_code == 200
            await asyncio.sleep(0)

    async with asyncio.timeout(30), asyncio.TaskGroup() as callers:
        for name in answered:
            callers.create_task(call(name))
        for version in (2, 3):
            for name in ("diabetes130", *names):
                await served(pod, promote(version, model=name))
        done.set()

    assert {each["model_version"] for each in (await models(client)).values()} == {"3"}


async def test_a_new_model_whose_version_is_not_here_holds_back_itself_alone(
    pod: Pod,
    promote: Promote,
    client: httpx.AsyncClient,
    example: Row,
    is_problem: IsProblem,
) -> None:
    await served(pod, promote(1))
    await pod.hear(promote(5, model="pima"), stored=False)
    await pod.told(2)
    away = promote(6, model="covertype")
    pod.store.keys_away.add(away.promotion.event.bundle.key)
    await pod.hear(away)
    told = "version 6 of covertype is not here yet"

    assert (await client.get("/ready")).status_code == 200
    assert (await client.get("/health")).json()["model_version"] == "1"
    listed = await models(client)
    assert listed["pima"]["obstacle"].startswith("version 5 of pima was refused: no object")
    assert listed["covertype"]["obstacle"] == told
    answer = await client.post("/models/covertype/predict", json=example)
    assert told in is_problem(answer, 503)["detail"]
    assert (await client.post("/predict", json=example)).status_code == 200
    unknown = is_problem(await client.post("/models/iris/predict", json=example), 404)
    there = "there is diabetes130, pima, covertype"
    assert unknown["detail"] == f"there is no model 'iris' here; {there}"


async def test_a_pod_without_its_default_model_is_not_ready_whatever_else_it_serves(
    pod: Pod, promote: Promote, client: httpx.AsyncClient, is_problem: IsProblem
) -> None:
    await served(pod, promote(1, model="pima"))

    facts = is_problem(await client.get("/ready"), 503)

    assert "no promotion of diabetes130 yet" in facts["detail"]
    assert (await models(client))["pima"]["model_version"] == "1"


async def test_a_model_that_waits_or_is_refused_does_not_disturb_another(
    pod: Pod, promote: Promote
) -> None:
    await served(pod, promote(1, number=1))
    waiting = promote(2, number=2, model="pima")
    pod.store.keys_away.add(waiting.promotion.event.bundle.key)
    await pod.hear(waiting)
    await eventually(lambda: pod.store.asked >= 2, "the fetch that fails")

    await served(pod, promote(3, number=3))
    await pod.hear(promote(4, number=4, model="pima", content=b"no bundle"))
    assert (await pod.told(3)).outcome == "refused"

    assert pod.version == "3"
    assert pod.slot.refusal is None
    pima = pod.slots.get("pima")
    assert pima.obstacle.startswith("version 4 of pima was refused")


async def test_a_flood_of_names_takes_no_more_places_than_there_are(
    pod: Pod, slots: Slots, promote: Promote, client: httpx.AsyncClient, example: Row
) -> None:
    await served(pod, promote(1))
    with capture_logs() as logged:
        for _ in range(2):
            for number in range(100):
                slots.of_promoted(f"flood-{number}")
    await served(pod, promote(2))

    page = (await client.get("/models")).json()
    assert len(page["models"]) == LIMIT
    assert len(page["left_out"]) == MOST_TOLD
    assert page["left_out"][0] == {
        "model_name": f"flood-{LIMIT - 1}",
        "reason": f"this pod answers for {LIMIT} models, and no more",
    }
    told = [line["model"] for line in logged if line["event"] == "model left out"]
    assert told == [each["model_name"] for each in page["left_out"]]
    answer = await client.post("/predict", json=example)
    assert (answer.status_code, answer.json()["model_version"]) == (200, "2")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "two\nlines", "\x00", "ä", "x" * 10**6]
)
async def test_a_name_that_nobody_could_ask_for_is_left_out_and_told(
    slots: Slots, client: httpx.AsyncClient, name: str
) -> None:
    assert slots.of_promoted(name) is None

    [told] = (await client.get("/models")).json()["left_out"]
    assert told["model_name"] == name[:200]
    assert told["reason"].startswith("its name ")


def test_a_pod_that_was_given_names_follows_no_other_and_says_nothing_of_it() -> None:
    slots = Slots(["diabetes130", "pima"], pod="pod-1")

    assert slots.of_promoted("pima") is slots.get("pima")
    assert slots.of_promoted("covertype") is None
    assert (slots.names, slots.left_out) == (("diabetes130", "pima"), {})


async def test_figures_are_those_of_the_model_and_a_caller_makes_no_series(
    pod: Pod, promote: Promote, client: httpx.AsyncClient, example: Row
) -> None:
    await served(pod, promote(1))
    await served(pod, promote(1, model="figured"))
    for path in ("/models/figured/predict", "/predict_batch?model_name=figured"):
        row = example | {"race": "Martian"}
        await client.post(path, json=[row] if "batch" in path else row)
        await client.post(path, json=[{}] if "batch" in path else {})
    for path in ("/models/unheard/predict", "/predict?model_name=unheard"):
        await client.post(path, json=example)
    await client.get("/models/unheard")
    await client.post("/reload_model?model_name=unheard")

    page = (await client.get("/metrics")).text

    own = {
        line.rsplit(" ", 1)[0].removeprefix("relevo_inference_"): line.rsplit(" ", 1)[1]
        for line in page.splitlines()
        if 'model="figured"' in line
    }
    model, single, batch = 'model="figured"', "/models/{name}/predict", "/predict_batch"
    assert own[f'requests_total{{{model},route="{single}",status="200"}}'] == "1.0"
    assert own[f'requests_total{{{model},route="{single}",status="422"}}'] == "1.0"
    assert own[f'requests_total{{{model},route="{batch}",status="200"}}'] == "2.0"
    assert own[f'request_duration_seconds_count{{{model},route="{batch}"}}'] == "2.0"
    assert own[f'unseen_categories_total{{feature="race",{model}}}'] == "2.0"
    assert own[f"refused_rows_total{{{model}}}"] == "2.0"
    assert own[f"swap_duration_seconds_count{{{model}}}"] == "1.0"
    assert "unheard" not in page
    nobody = r'^relevo_inference_requests_total{model="",route="/predict",status="404"} '
    assert re.search(nobody, page, re.MULTILINE)

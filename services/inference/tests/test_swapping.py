"""A swap is fetch, verify, warm, replace, forget; and nothing that is wrong is followed."""

import asyncio
import gc
import json
import re
import weakref
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from inference.door.quick_answers import QuickAnswers
from relevo_runtime.testing import eventually

Promote = Callable[..., Any]
Pod = Any


async def test_a_promoted_model_answers_and_the_pod_says_so(
    pod: Pod, promote: Promote
) -> None:
    promoted = promote(1)
    await pod.hear(promoted)

    fact = await pod.told(1)

    assert pod.version == "1"
    assert (fact.outcome, fact.model_version, fact.serving_version) == ("served", "1", "1")
    _, envelope = pod.publisher.published[0]
    cause = promoted.promotion.envelope
    assert envelope.traceparent.split("-")[1] == cause.traceparent.split("-")[1]
    assert envelope.subject == "pod-1"


async def test_going_back_to_the_version_before_fetches_nothing_and_is_told(
    pod: Pod, promote: Promote
) -> None:
    first, second, back = (promote(v, number=n) for n, v in enumerate((1, 2, 1), 1))
    for number, promoted in enumerate((first, second), start=1):
        await pod.hear(promoted)
        await pod.told(number)
    assert pod.slot.previous is not None
    before, asked = pod.slot.previous.model, pod.store.asked
    pod.store.away = True

    await pod.hear(back)
    fact = await pod.told(3)

    assert (fact.outcome, fact.serving_version) == ("served", "1")
    assert fact.promotion_id == back.promotion.envelope.id
    assert pod.slot.serving is not None
    assert pod.slot.serving.model is before
    assert pod.store.asked == asked


async def test_an_older_promotion_that_comes_late_is_not_followed(
    pod: Pod, promote: Promote
) -> None:
    await pod.hear(promote(2, number=20))
    await pod.told(1)

    await pod.hear(promote(1, number=19))
    await pod.hear(promote(3, number=21))
    await pod.told(2)

    assert [fact.model_version for fact in pod.facts] == ["2", "3"]


async def test_the_promotion_of_another_model_is_not_followed(
    pod: Pod, promote: Promote
) -> None:
    await pod.hear(promote(1, number=1, event={"model": "other"}))
    await pod.hear(promote(2, number=2))

    assert (await pod.told(1)).model_version == "2"
    assert len(pod.facts) == 1


@pytest.mark.parametrize(
    ("changes", "stored", "reason"),
    [
        ({"content": b"no bundle"}, True, "not a zip"),
        ({"event": {"signature_sha256": "0" * 64}}, True, "signature"),
        ({}, False, "no object 'bundles/diabetes130/"),
    ],
    ids=["no bundle", "another signature", "not in the store"],
)
async def test_a_promotion_that_is_wrong_is_refused_and_the_old_model_goes_on(
    pod: Pod, promote: Promote, changes: dict[str, object], stored: bool, reason: str
) -> None:
    await pod.hear(promote(1))
    await pod.told(1)

    await pod.hear(promote(2, **changes), stored=stored)
    fact = await pod.told(2)

    assert (fact.outcome, fact.model_version, fact.serving_version) == ("refused", "2", "1")
    assert fact.reason is not None
    assert reason in fact.reason
    assert pod.version == "1"


async def test_a_bundle_that_is_put_back_into_the_store_is_served_without_another_word(
    pod: Pod, promote: Promote
) -> None:
    lost = promote(1)
    await pod.hear(lost, stored=False)
    assert (await pod.told(1)).outcome == "refused"

    await pod.store.put(lost.promotion.event.bundle.key, lost.content)
    fact = await pod.told(2)

    assert (fact.outcome, fact.serving_version) == ("served", "1")
    assert len(pod.facts) == 2


async def test_a_pod_whose_first_promotion_is_wrong_is_not_ready_and_says_why(
    pod: Pod, promote: Promote, client: httpx.AsyncClient
) -> None:
    await pod.hear(promote(1, content=b"no bundle"))
    fact = await pod.told(1)

    assert (fact.outcome, fact.serving_version) == ("refused", None)
    answer = await client.get("/ready")
    assert answer.status_code == 503
    told = "version 1 of diabetes130 was refused: the bundle is not a zip"
    assert told in answer.json()["detail"]

    await pod.hear(promote(2))
    await pod.told(2)
    assert (await client.get("/ready")).status_code == 200


async def test_a_bug_while_loading_ends_neither_the_model_nor_the_swapping(
    pod: Pod, promote: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError("a bug of the test")

    await pod.hear(promote(1))
    await pod.told(1)
    with monkeypatch.context() as patched:
        patched.setattr("inference.duty.swapping.load", bug)
        await pod.hear(promote(2))
        fact = await pod.told(2)
    await pod.hear(promote(3))
    await pod.told(3)

    assert fact.outcome == "refused"
    assert "a bug of the test" in (fact.reason or "")
    assert pod.version == "3"


async def test_a_bug_in_a_swap_ends_the_swapping_of_no_model(
    pod: Pod, promote: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()

    def bug(*_: object) -> None:
        failed.set()
        raise ZeroDivisionError("a bug of the test")

    with monkeypatch.context() as patched:
        patched.setattr("inference.duty.swapping.measure", bug)
        await pod.hear(promote(1))
        await asyncio.wait_for(failed.wait(), 10)
    await pod.hear(promote(2))

    assert (await pod.told(1)).model_version == "2"


async def test_while_the_store_is_away_the_old_model_answers_and_the_fetch_waits(
    pod: Pod, promote: Promote
) -> None:
    await pod.hear(promote(1))
    await pod.told(1)
    pod.store.away = True
    await pod.hear(promote(2))
    await eventually(lambda: pod.store.asked >= 3, "the fetch is tried again")
    during = (pod.version, len(pod.facts))

    pod.store.away = False
    await pod.told(2)

    assert during == ("1", 1)
    assert pod.version == "2"


async def test_a_newer_promotion_supersedes_one_that_waits_for_the_store(
    pod: Pod, promote: Promote
) -> None:
    pod.store.away = True
    for version in (1, 2, 3):
        await pod.hear(promote(version))
        await eventually(lambda v=version: pod.store.asked >= v, "a fetch")  # type: ignore[misc]
    pod.store.away = False
    await pod.told(1)

    assert [fact.model_version for fact in pod.facts] == ["3"]


async def test_while_kafka_is_away_swaps_go_on_and_are_told_later_in_order(
    pod: Pod, promote: Promote
) -> None:
    pod.publisher.away = True
    for version in (1, 2):
        await pod.hear(promote(version))
        await eventually(lambda v=version: pod.version == str(v), "the swap")  # type: ignore[misc]
    pod.publisher.away = False
    await pod.told(2)

    assert [fact.model_version for fact in pod.facts] == ["1", "2"]


async def test_all_but_the_version_before_leaves_memory_with_its_last_request(
    pod: Pod, promote: Promote
) -> None:
    await pod.hear(promote(1))
    await pod.told(1)
    assert pod.slot.serving is not None
    request = pod.slot.serving.model
    gone = weakref.ref(request)

    for version in (2, 3):
        await pod.hear(promote(version))
        await pod.told(version)
    assert pod.slot.at_hand(promote(2).promotion) is not None
    gc.collect()
    assert gone() is request

    del request
    gc.collect()
    assert gone() is None


async def test_a_route_that_nobody_asks_any_more_keeps_no_model(
    pod: Pod, promote: Promote, example: dict[str, Any]
) -> None:
    await pod.hear(promote(1))
    await pod.told(1)
    quick = QuickAnswers(pod.slot, route="/predict")
    assert quick.answer(json.dumps(example).encode()) is not None
    assert pod.slot.serving is not None
    gone = weakref.ref(pod.slot.serving.model)

    for version in (2, 3):
        await pod.hear(promote(version))
        await pod.told(version)
    gc.collect()

    assert gone() is None


async def test_only_versions_in_memory_have_figures_of_their_own(
    pod: Pod, promote: Promote, client: httpx.AsyncClient, example: dict[str, Any]
) -> None:
    for version in (41, 42, 43):
        await pod.hear(promote(version))
        await eventually(lambda v=version: pod.version == str(v), "the swap")  # type: ignore[misc]
        assert (await client.post("/predict", json=example)).status_code == 200

    page = (await client.get("/metrics")).text

    answered = re.findall(
        r'^relevo_inference_predictions_total{.*_version="(4\d)"', page, re.M
    )
    served = re.findall(r'^relevo_inference_serving_info{.*_version="(4\d)"', page, re.M)
    assert (set(answered), served) == ({"42", "43"}, ["43"])


@pytest.mark.slow
async def test_no_request_fails_while_models_change_and_versions_never_go_back(
    pod: Pod, promote: Promote, client: httpx.AsyncClient, example: dict[str, Any]
) -> None:
    answers = {version: promote(version).probability for version in range(1, 21)}
    await pod.hear(promote(1))
    await pod.told(1)
    seen: list[list[tuple[int, float]]] = [[] for _ in range(4)]
    done = asyncio.Event()

    async def call(path: str, own: list[tuple[int, float]]) -> None:
        while not done.is_set():
            body: object = [example] * 5 if path == "/predict_batch" else example
            answer = await client.post(path, json=body)
            assert answer.status_code == 200, answer.text
            facts = answer.json()
            for each in facts.get("predictions", [facts]):
                own.append((int(facts["model_version"]), each["probability"]))
            await asyncio.sleep(0)  # a request in process lets nobody else have a turn

    async with asyncio.TaskGroup() as callers:
        for own, path in zip(seen, ["/predict", "/predict_batch"] * 2, strict=True):
            callers.create_task(call(path, own))
        for version in range(2, 21):
            await pod.hear(promote(version))
            await pod.told(version)
        done.set()

    for own in seen:
        versions = [version for version, _ in own]
        assert versions == sorted(versions)
        assert len(set(versions)) > 5
        for version, probability in own:
            assert probability == pytest.approx(answers[version], abs=1e-12)


async def test_a_promotion_heard_twice_is_served_once(pod: Pod, promote: Promote) -> None:
    promoted = promote(1)
    await pod.hear(promoted)
    await pod.hear(promoted)
    await pod.hear(promote(2, number=2))
    await eventually(lambda: pod.version == "2", "the second version")

    assert [f.model_version for f in pod.facts].count("1") <= 1

"""Several models in one pod: each is asked by its name, and none disturbs another."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from inference.duty.slots import Slots
from inference.settings import Settings

Promote = Callable[..., Any]
Serve = Callable[..., Any]
IsProblem = Callable[[httpx.Response, int], dict[str, Any]]


@pytest.fixture
def slots() -> Slots:
    return Slots(["diabetes130", "pima"], pod="pod-1")


async def test_each_model_is_told_under_its_name(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    serve(4)
    serve(7, model="pima")

    default = (await client.get("/model-info")).json()
    other = (await client.get("/models/pima")).json()

    assert (default["model_name"], default["model_version"]) == ("diabetes130", "4")
    assert (other["model_name"], other["model_version"]) == ("pima", "7")
    assert (await client.get("/models/diabetes130")).json() == default


async def test_what_people_may_try_is_told_with_the_model_and_answered(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    serve(4)

    told = (await client.get("/models/diabetes130")).json()["examples"]

    assert told
    for row in told.values():
        assert (await client.post("/predict", json=row)).status_code == 200


async def test_the_models_are_listed_with_what_keeps_one_from_answering(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    serve(4)

    listed = (await client.get("/models")).json()["models"]

    assert [(each["model_name"], each["default"]) for each in listed] == [
        ("diabetes130", True),
        ("pima", False),
    ]
    assert [each["model_version"] for each in listed] == ["4", None]
    assert [each["obstacle"] for each in listed] == [None, "no promotion of pima yet"]


async def test_an_unknown_model_is_answered_with_the_names_that_there_are(
    client: httpx.AsyncClient, is_problem: IsProblem
) -> None:
    facts = is_problem(await client.get("/models/iris"), 404)

    assert facts["detail"] == "there is no model 'iris' here; there is diabetes130, pima"


async def test_a_pod_is_ready_when_its_default_model_is(
    client: httpx.AsyncClient, serve: Serve, is_problem: IsProblem
) -> None:
    serve(1, model="pima")
    facts = is_problem(await client.get("/ready"), 503)
    assert "no promotion of diabetes130 yet" in facts["detail"]

    serve(4)
    assert (await client.get("/ready")).status_code == 200


@pytest.mark.parametrize(
    ("models", "datasets", "named", "most"),
    [
        (None, None, ("diabetes130",), 50),
        (None, "pima, covertype", ("pima", "covertype"), 50),
        ("*", "pima", ("pima",), 50),
        ("diabetes130, pima,diabetes130", "covertype", ("diabetes130", "pima"), None),
        ("mine,*", "pima,mine", ("mine", "pima"), 50),
    ],
)
def test_the_models_are_the_named_ones_or_the_datasets_and_whatever_comes(
    monkeypatch: pytest.MonkeyPatch,
    models: str | None,
    datasets: str | None,
    named: tuple[str, ...],
    most: int | None,
) -> None:
    for name, value in {
        "S3_ACCESS_KEY": "key",
        "S3_SECRET_KEY": "secret",
        "INFERENCE_MODELS": models,
        "RELEVO_DATASET": datasets,
    }.items():
        if value is not None:
            monkeypatch.setenv(name, value)

    settings = Settings()

    assert (settings.named_models, settings.most_models) == (named, most)


@pytest.mark.parametrize("wrong", ["", "diabetes130,,pima"])
def test_a_name_without_letters_is_refused(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("S3_ACCESS_KEY", "key")
    monkeypatch.setenv("S3_SECRET_KEY", "secret")
    monkeypatch.setenv("INFERENCE_MODELS", wrong)

    with pytest.raises(ValidationError):
        Settings()

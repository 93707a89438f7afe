"""Several datasets run side by side, a stranger's own among them."""

from pathlib import Path

import pytest

from relevo.example import example_of
from relevo_datasets import read_declaration
from relevo_local.platform import Addresses
from tests.pipeline.conftest import OTHERS
from tests.pipeline.reaching import MODEL, until
from tests.pipeline.running import RunningPlatform

pytestmark = [pytest.mark.platform, pytest.mark.timeout(300)]

PIMA = example_of("pima")


@pytest.fixture(scope="module")
def served(platform: RunningPlatform) -> Addresses:
    """The platform, when every pod answers for every model."""

    def models_of(pod: str) -> dict[str, str | None]:
        listed = platform.client.get(f"{pod}/models").json()["models"]
        return {each["model_name"]: each["model_version"] for each in listed}

    def is_served() -> bool:
        told = [models_of(pod) for pod in platform.addresses.inference]
        return all(each.get(name) for each in told for name in (MODEL, *OTHERS))

    until(
        is_served, seconds=200, what=lambda: f"a model lacks on a pod:\n{platform.told()}"
    )
    return platform.addresses


def test_pima_is_answered_by_its_documented_row_on_every_pod(
    platform: RunningPlatform, served: Addresses
) -> None:
    for pod in served.inference:
        answer = platform.client.post(f"{pod}/models/pima/predict", json=PIMA)
        assert answer.status_code == 200, answer.text
        facts = answer.json()
        assert facts["model_name"] == "pima"
        assert facts["label"].startswith("no ") == (facts["prediction"] == 0)
        not_measured = {**PIMA, "Insulin": None}
        same = platform.client.post(f"{pod}/models/pima/predict", json=not_measured)
        assert same.json()["probability"] == facts["probability"]


def test_a_model_of_seven_classes_tells_the_probability_of_each(
    platform: RunningPlatform, served: Addresses
) -> None:
    [pod, *_] = served.inference
    document = platform.client.get(f"{pod}/openapi.json").json()
    row = document["components"]["schemas"]["Row_covertype"]["example"]

    facts = platform.client.post(f"{pod}/predict?model_name=covertype", json=row).json()

    assert [*facts["probabilities"]] == [str(place) for place in range(1, 8)]
    assert sum(facts["probabilities"].values()) == pytest.approx(1)
    assert facts["probability"] == facts["probabilities"][str(facts["prediction"])]


def test_a_strangers_dataset_is_answered_by_the_draft_that_nobody_edited(
    platform: RunningPlatform, served: Addresses, declared: Path
) -> None:
    dataset = read_declaration(declared / "subscribers.toml")
    assert dataset.example is not None

    for pod in served.inference:
        url = f"{pod}/models/subscribers/predict"
        facts = platform.client.post(url, json=dict(dataset.example)).json()
        assert facts["model_name"] == "subscribers", facts
        assert facts["label"] in {"Yes", "No"}
        refused = platform.client.post(url, json=dict(dataset.example) | {"fee": "x"})
        assert refused.status_code == 422


def test_what_is_told_of_the_platform_tells_the_models_apart(
    platform: RunningPlatform, served: Addresses
) -> None:
    told = platform.relevo("status")

    for name in (MODEL, *OTHERS):
        assert name in told

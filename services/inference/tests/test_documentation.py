"""The OpenAPI document says what the door really takes and answers."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import jsonschema
import pytest

from inference.duty.slots import Slots
from relevo_datasets import dataset_named

Serve = Callable[..., Any]
Row = dict[str, Any]


async def document(client: httpx.AsyncClient) -> Row:
    answer = await client.get("/openapi.json")
    assert answer.status_code == 200, answer.text
    page: Row = answer.json()
    return page


async def test_the_example_of_the_document_is_the_documented_example(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    page = await document(client)

    body = page["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/Row"}
    shown = page["components"]["schemas"]["Row"]["example"]
    assert shown == example
    assert (await client.post("/predict", json=shown)).status_code == 200


PEERS = {"v1", "v2", "invocations", "ping", "version"}
TOLD = {
    False: [("application/problem+json", "ProblemDetails")],
    True: [("application/json", "PeerError"), ("application/json", "MlflowError")],
}
"""The forms of refusals, of peers and of the others."""
CHANGES: list[Row] = [
    {},
    {"race": None},
    {"race": "Martian"},
    {"metformin": "Up"},
    {"time_in_hospital": 0},
    {"time_in_hospital": 2.5},
    {"time_in_hospital": 2.0},
    {"number_inpatient": None},
    {"change_med": "perhaps"},
    {"diag_1": "abc"},
    {"diag_1": "250.013"},
    {"diag_1": None},
    {"insulin": 3},
    {"medical_specialty": "x" * 201},
    {"admission_type_id": "first"},
    {"gender": "female"},
    {"admission_type_id": 2**60},
    {"unknown": 1},
]
"""Of the example; whether a row is valid then, the document and the door must agree."""


async def test_the_document_and_the_door_agree_about_every_row(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    schema = (await document(client))["components"]["schemas"]["Row"]
    validator = jsonschema.Draft202012Validator(schema)

    answers = [await client.post("/predict", json=example | each) for each in CHANGES]

    assert {answer.status_code for answer in answers} == {200, 422}
    taken = [answer.status_code == 200 for answer in answers]
    assert taken == [validator.is_valid(example | each) for each in CHANGES]


@pytest.fixture
def slots() -> Slots:
    """Of a pod that takes other models as they come."""
    return Slots(["diabetes130"], pod="pod-1", limit=2)


@pytest.mark.parametrize(
    "change", [{"change_med": "Ch"}, {"admission_type_id": "1"}, {"number_inpatient": "2"}]
)
async def test_the_door_reads_the_sources_words_too(
    client: httpx.AsyncClient, serve: Serve, example: Row, change: Row
) -> None:
    serve()

    assert (await client.post("/predict", json=example | change)).status_code == 200


async def test_every_model_has_a_route_of_its_own_with_its_own_row(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    serve()
    assert "/models/pima/predict" not in (await document(client))["paths"]
    pima = dataset_named("pima")
    serve(model="pima", features=pima.features, row=dict(pima.example or {}))
    page = await document(client)

    operation = page["paths"]["/models/pima/predict"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Row_pima"
    }
    row = page["components"]["schemas"]["Row_pima"]
    assert set(row["properties"]) == {feature.name for feature in pima.features}
    assert (await client.post("/models/pima/predict", json=row["example"])).is_success


async def test_every_reference_of_the_document_leads_somewhere(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [ref for value in node.values() for ref in references(value)]
        if isinstance(node, list):
            return [ref for value in node for ref in references(value)]
        return []

    for _ in range(2):  # before and after a model serves
        page = await document(client)
        for reference in references(page):
            target: Any = page
            for step in reference.removeprefix("#/").split("/"):
                target = target[step]
            assert target
        serve()


async def test_answers_and_problems_have_the_documented_form(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    page = await document(client)

    def check(answer: httpx.Response, path: str, method: str = "post") -> None:
        described = page["paths"][path][method]["responses"][str(answer.status_code)]
        media_type = answer.headers["content-type"].partition(";")[0]
        schema = described["content"][media_type]["schema"]
        jsonschema.validate(answer.json(), schema | {"components": page["components"]})

    check(await client.post("/predict", json=example), "/predict")
    check(await client.post("/predict", json={}), "/predict")
    check(await client.post("/predict", content=b"{"), "/predict")
    check(await client.post("/predict", data={"a": "b"}), "/predict")
    check(await client.post("/predict_batch", json=[example, {}]), "/predict_batch")
    check(await client.post("/predict_batch", json=[{}] * 101), "/predict_batch")
    for path in ("/health", "/ready", "/model-info"):
        check(await client.get(path), path, "get")


async def test_every_refusal_is_documented_as_a_problem_or_as_the_peer_has_it(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    serve()
    page = await document(client)

    for path, operations in page["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    [(media, told)] = answer["content"].items()
                    form = told["schema"]["$ref"].rpartition("/")[2]
                    assert (media, form) in TOLD[path.split("/")[1] in PEERS], path


async def test_the_document_says_how_a_key_is_given_and_that_there_may_be_none(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/openapi.json")).json()

    assert page["security"] == [{}, {"key": []}, {"bearer": []}]
    assert page["components"]["securitySchemes"]["key"]["name"] == "X-API-Key"


async def test_the_page_for_people_needs_no_other_server(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/docs")

    assert answer.status_code == 200
    assert "/openapi.json" in answer.text
    assert "//" not in "".join(re.findall(r'(?:src|href)="([^"]*)"', answer.text))
    [script] = re.findall(r'src="([^"]*)"', answer.text)
    assert (await client.get(script)).status_code == 200

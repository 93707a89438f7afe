"""Open Inference Protocol v2, by tritonclient as people write it."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import numpy as np
import pytest
from tritonclient.http import InferenceServerClient as Client
from tritonclient.http import InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

from relevo_datasets import dataset_named

DIABETES130 = dataset_named("diabetes130")
Row = dict[str, Any]
Serve = Callable[..., Any]
NUMPY = {"INT64": np.int64, "FP64": np.float64, "BOOL": np.bool_, "BYTES": np.object_}
INFER = "/v2/models/diabetes130/infer"


def tensors(
    client: Client, rows: Sequence[Row], *, binary: bool = True
) -> list[InferInput]:
    """An input per feature that the metadata names and the rows have."""
    inputs = []
    for each in client.get_model_metadata("diabetes130")["inputs"]:
        if each["name"] in rows[0]:
            values = [row[each["name"]] for row in rows]
            column: Any = np.array(values, NUMPY[each["datatype"]]).reshape(-1, 1)
            tensor = InferInput(each["name"], column.shape, each["datatype"])
            tensor.set_data_from_numpy(column, binary_data=binary)
            inputs.append(tensor)
    return inputs


async def asked(address: str, ask: Callable[[Client], Any]) -> Any:
    """What a caller in another thread is answered."""

    def call() -> Any:
        with Client(address) as client:
            return ask(client)

    return await asyncio.to_thread(call)


def as_json(row: Row, **more: Any) -> Row:
    """A request without bytes; words are BYTES."""
    names = {bool: "BOOL", int: "INT64", float: "FP64", str: "BYTES"}
    inputs = [
        {"name": name, "shape": [1], "datatype": names[type(value)], "data": [value]}
        for name, value in row.items()
    ]
    return {"inputs": inputs, **more}


async def test_the_server_and_the_model_tell_of_themselves(
    address: str, serve: Serve
) -> None:
    def ask(client: Client) -> tuple[Any, ...]:
        ready = client.is_server_ready(), client.is_model_ready("diabetes130")
        return client.is_server_live(), *ready, client.get_server_metadata()

    assert (await asked(address, ask))[:3] == (True, False, False)
    serve(3)
    *states, server = await asked(address, ask)
    model = await asked(address, lambda each: each.get_model_metadata("diabetes130", "3"))

    assert states == [True, True, True]
    assert server["name"] == "relevo"
    assert "binary_tensor_data" in server["extensions"]
    assert model["versions"] == ["3"]
    assert {"name": "age_bucket", "datatype": "BYTES", "shape": [-1]} in model["inputs"]
    assert {"name": "probability", "datatype": "FP64", "shape": [-1]} in model["outputs"]


@pytest.mark.parametrize("binary", [True, False])
async def test_rows_are_answered_as_by_predict_batch(
    address: str, serve: Serve, client: httpx.AsyncClient, example: Row, binary: bool
) -> None:
    serve()
    rows = [example, example | {"number_inpatient": 3, "insulin": "Up"}]
    expected = (await client.post("/predict_batch", json=rows)).json()["predictions"]

    def ask(client: Client) -> Any:
        inputs = tensors(client, rows, binary=binary)
        return client.infer("diabetes130", inputs, request_id="mine")

    answer = await asked(address, ask)

    assert answer.get_response()["id"] == "mine"
    assert answer.get_response()["model_version"] == "1"
    for name, kind in (("prediction", np.int64), ("probability", np.float64)):
        assert answer.as_numpy(name).dtype == kind
        assert answer.as_numpy(name).tolist() == [each[name] for each in expected]
    assert [label.decode() for label in answer.as_numpy("label")] == [
        each["label"] for each in expected
    ]


@pytest.mark.parametrize("binary", [True, False])
async def test_outputs_are_chosen_and_come_as_they_are_asked_for(
    address: str, serve: Serve, example: Row, binary: bool
) -> None:
    serve()
    outputs = [
        InferRequestedOutput("probability", binary_data=binary),
        InferRequestedOutput("label", binary_data=not binary),
    ]

    def ask(client: Client) -> Any:
        return client.infer("diabetes130", tensors(client, [example]), outputs=outputs)

    answer = await asked(address, ask)

    told = answer.get_response()["outputs"]
    assert [each["name"] for each in told] == ["probability", "label"]
    assert ["data" in each for each in told] == [not binary, binary]
    assert answer.as_numpy("prediction") is None
    assert answer.as_numpy("probability").shape == (1,)
    assert answer.as_numpy("label").shape == (1,)


async def test_a_packed_request_is_answered_packed(
    address: str, serve: Serve, example: Row
) -> None:
    serve()

    def ask(client: Client) -> Any:
        how = {"request_compression_algorithm": "gzip"}
        return client.infer("diabetes130", tensors(client, [example] * 50), **how)

    assert (await asked(address, ask)).as_numpy("prediction").shape == (50,)


@pytest.mark.parametrize(
    ("name", "version", "status", "told"),
    [
        ("diabetes130", "7", "404", "version 7 of diabetes130 is not served here; version"),
        ("pima", "", "404", "there is no model 'pima' here; there is diabetes130"),
    ],
)
async def test_what_is_not_served_is_the_protocols_error(
    address: str,
    serve: Serve,
    example: Row,
    name: str,
    version: str,
    status: str,
    told: str,
) -> None:
    serve()
    asks: list[Callable[[Client], Any]] = [
        lambda client: client.infer(name, tensors(client, [example]), version),
        lambda client: client.get_model_metadata(name, version),
    ]
    for ask in asks:
        with pytest.raises(InferenceServerException, match=told) as refused:
            await asked(address, ask)

        assert refused.value.status() == status


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"insulin": "Sideways"}, "row 0: `insulin` is none of its words"),
        ({"time_in_hospital": 15}, "row 0: `time_in_hospital` is out of range"),
        ({"colour": "red"}, "`colour` is not a field of diabetes130"),
        ({"insulin": 3}, "`insulin`"),
    ],
)
async def test_a_row_that_does_not_fit_is_refused_with_our_words(
    client: httpx.AsyncClient, serve: Serve, example: Row, change: Row, told: str
) -> None:
    serve()

    answer = await client.post(INFER, json=as_json(example | change))

    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert told in answer.json()["error"]


async def test_not_a_number_is_a_missing_value_and_in_a_text_it_is_text(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    words = {"medical_specialty": 'of "NaN", NaN'}
    expected = await client.post("/predict", json=example | words | {"race": None})
    body = as_json(example | words | {"race": ""})
    race = next(each for each in body["inputs"] if each["name"] == "race")
    race["data"] = [float("nan")]

    answer = await client.post(INFER, content=json.dumps(body))

    told = {each["name"]: each["data"] for each in answer.json()["outputs"]}
    assert told["probability"] == [expected.json()["probability"]]
    assert told["unseen"] == ["medical_specialty"]


def tensor(*others: Row, **changes: Any) -> bytes:
    """A request of one tensor, and others."""
    plain = {"name": "insulin", "shape": [1], "datatype": "BYTES", "data": ["No"]}
    return json.dumps({"inputs": [plain | changes, *others]}).encode()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "is not JSON"),
        (b'{"x": ' + b"[" * 5000, "nested too deeply"),
        (b'{"inputs": []}', "length >= 1"),
        (b'{"instances": []}', "missing required field `inputs`"),
        (b'{"inputs": [{"name": "\xff"}]}', "is not JSON"),
    ],
)
async def test_what_is_no_request_is_told_so(
    client: httpx.AsyncClient, serve: Serve, body: bytes, told: str
) -> None:
    serve()

    answer = await client.post(INFER, content=body)

    assert answer.status_code == 400
    assert told in answer.json()["error"]


@pytest.fixture
def one_feature(serve: Serve) -> None:
    """A model that takes one word."""
    [insulin] = [each for each in DIABETES130.features if each.name == "insulin"]
    serve(features=[insulin], row={"insulin": "No"})


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (tensor(data=[3]), "the tensor `insulin`: Expected `str | null`, got `int`"),
        (tensor(data="No"), "Expected `array`"),
        (tensor(data=[{}]), "Expected `str | null`, got `object`"),
        (tensor(data=[["No", "No"]]), "Expected `array` of length 1"),
        (tensor(data=["No", "No"]), "has 2 values, by its shape 1"),
        (tensor(shape=[1, 2]), "has the shape [1, 2]: a tensor has one feature"),
        (tensor(shape=[-1]), "has the shape [-1]"),
        (tensor(shape=[]), "has the shape []"),
        (tensor(datatype="BF16"), "has the datatype 'BF16'; there is BYTES, BOOL, INT8"),
        (tensor(parameters={"binary_data_size": 9}), "of its 9 bytes not all are there"),
        (tensor(name="Insulin"), "`Insulin` is not a field of diabetes130"),
        (tensor({"name": "insulin", "shape": [1], "datatype": "INT8"}), "has two columns"),
    ],
)
@pytest.mark.usefixtures("one_feature")
async def test_a_tensor_that_is_no_column_is_told_so(
    client: httpx.AsyncClient, body: bytes, told: str
) -> None:
    answer = await client.post(INFER, content=body)

    assert answer.status_code == 400
    assert told in answer.json()["error"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\2\0\0\0No", None),
        (b"\3\0\0\0No", "has sizes that do not add up"),
        (b"\xff\xff\xff\xffNo", "has sizes that do not add up"),
        (b"\2\0\0\0\xffo", "is no text in UTF-8"),
        (b"\2\0\0\0", "of its 6 bytes not all are there"),
        (b"\2\0\0\0No!", "after the tensors 1 bytes are left"),
    ],
)
@pytest.mark.usefixtures("one_feature")
async def test_bytes_that_are_no_texts_are_told_so(
    client: httpx.AsyncClient, content: bytes, told: str | None
) -> None:
    body = json.dumps(
        {
            "inputs": [
                {
                    "name": "insulin",
                    "shape": [1],
                    "datatype": "BYTES",
                    "parameters": {"binary_data_size": 6},
                }
            ]
        }
    ).encode()
    headers = {
        "inference-header-content-length": str(len(body)),
        "content-type": "application/octet-stream",
    }

    answer = await client.post(INFER, content=body + content, headers=headers)

    assert answer.status_code == (400 if told else 200), answer.text
    assert (told or "outputs") in answer.text


@pytest.mark.usefixtures("one_feature")
@pytest.mark.parametrize("length", ["-1", "x", "9" * 30])
async def test_a_length_that_is_none_is_told_so(
    client: httpx.AsyncClient, length: str
) -> None:
    headers = {"inference-header-content-length": length}

    answer = await client.post(INFER, content=tensor(), headers=headers)

    assert answer.status_code == 400
    assert "Inference-Header-Content-Length is no number" in answer.json()["error"]


@pytest.mark.usefixtures("one_feature")
async def test_an_output_that_there_is_not_is_told_with_those_there_are(
    client: httpx.AsyncClient,
) -> None:
    body = json.loads(tensor()) | {"outputs": [{"name": "score"}]}

    answer = await client.post(INFER, json=body)

    assert answer.status_code == 400
    told = "there is no output `score`; there is prediction, probability, label"
    assert answer.json()["error"].startswith(told)

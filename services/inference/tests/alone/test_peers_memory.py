"""What a stranger sends to peers' doors costs a pod no more than at its own."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from relevo_datasets import dataset_named

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

MOST_MEGABYTES = 160
"""For one request, above what the pod has before; a pod at rest has 90."""
BODY = 8 * 2**20
NAMES = [feature.name for feature in dataset_named("diabetes130").features]
EXAMPLE = dataset_named("diabetes130").example or {}
LonePod = Any
V2, V1 = "/v2/models/diabetes130/infer", "/v1/models/diabetes130:predict"
MLFLOW = "/invocations"
SPLIT = b'{"dataframe_split":{"columns":%b,"data":[' % json.dumps(NAMES).encode()


def repeated(piece: bytes, begin: bytes = b"", end: bytes = b"") -> bytes:
    room = BODY - len(begin) - len(end)
    return begin + piece * (room // len(piece)) + end


def tensors(piece: bytes, last: bytes) -> bytes:
    """A tensor of race with such data, and others of as many rows without any."""
    facts = '"datatype":"BYTES","shape":[50000],"data":['
    others = ",".join(f'{{"name":"{each}",{facts}]}}' for each in NAMES if each != "race")
    begin = f'{{"inputs":[{{"name":"race",{facts}'
    return repeated(piece, begin.encode(), last + f"]}},{others}]}}".encode())


def all_tensors() -> bytes:
    """The most rows, all of which fit, in JSON."""
    rows = 15_000
    kinds = {bool: "BOOL", int: "INT64", str: "BYTES"}
    inputs = [
        {
            "name": name,
            "shape": [rows],
            "datatype": kinds[type(value)],
            "data": [value] * rows,
        }
        for name, value in EXAMPLE.items()
    ]
    return json.dumps({"inputs": inputs}).encode()


def near_misses() -> bytes:
    """Rows of which each field has a name that is almost one of the model's."""
    rows = [
        {"race": "Other", **{f"{name}{row}": 1 for name in NAMES}} for row in range(7_000)
    ]
    return json.dumps({"inputs": rows}).encode()


ATTACKS: dict[str, tuple[str, Callable[[], bytes], int]] = {
    "tensors without an end": (
        V2,
        lambda: repeated(b'{"name":"","datatype":"","shape":[]},', b'{"inputs":[', b"{}]}"),
        400,
    ),
    "a shape without an end": (
        V2,
        lambda: repeated(
            b"1,", b'{"inputs":[{"name":"race","datatype":"INT8","shape":[', b"1]}]}"
        ),
        400,
    ),
    "objects as data": (V2, lambda: tensors(b"{},", b"{}"), 400),
    "lists as data": (V2, lambda: tensors(b'["a"],', b'["a"]'), 400),
    "words as data": (V2, lambda: tensors(b'"a",', b'"a"'), 400),
    "outputs without an end": (
        V2,
        lambda: repeated(b'{"name":""},', b'{"inputs":[],"outputs":[', b"{}]}"),
        400,
    ),
    "what nobody asked for": (
        V2,
        lambda: repeated(b"[],", b'{"parameters":{"a":[', b"0]}}"),
        400,
    ),
    "as deep as can be": (V2, lambda: repeated(b"[", b'{"a":'), 400),
    "as many rows as fit": (V2, all_tensors, 200),
    "not a number without an end": (
        MLFLOW,
        lambda: repeated(b"NaN,", b'{"inputs":{"race":[', b"0]}}"),
        413,
    ),
    "texts that never end beside not a number": (
        MLFLOW,
        lambda: repeated(b'\\"', b'{"inputs":[NaN,"'),
        400,
    ),
    "quotes without an end beside not a number": (
        MLFLOW,
        lambda: repeated(b'"N",', b'{"inputs":[NaN,', b'"'),
        400,
    ),
    "empty rows": (MLFLOW, lambda: repeated(b"{},", b'{"inputs":[', b"{}]}"), 413),
    "empty rows of KServe": (V1, lambda: repeated(b"{},", b'{"instances":[', b"{}]}"), 413),
    "empty lines": (
        MLFLOW,
        lambda: repeated(
            b"[],",
            SPLIT,
            b"[]]}}",
        ),
        413,
    ),
    "a line without an end": (
        MLFLOW,
        lambda: repeated(
            b"1,",
            SPLIT + b"[",
            b"1]]}}",
        ),
        400,
    ),
    "columns without an end": (
        MLFLOW,
        lambda: repeated(b'"abc",', b'{"dataframe_split":{"columns":[', b'""],"data":[]}}'),
        400,
    ),
    "near misses": (MLFLOW, near_misses, 400),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_body_takes_more_memory_or_time_than_a_pod_has(
    lone_pod: LonePod, name: str
) -> None:
    path, make, status = ATTACKS[name]
    body = make()
    assert len(body) <= BODY
    before, used = lone_pod.forget_peak(), lone_pod.cpu_seconds

    headers = {"content-type": "application/json", "accept-encoding": "identity"}
    answer = httpx.post(lone_pod.url + path, content=body, headers=headers, timeout=60)

    assert answer.status_code == status, answer.text[:300]
    assert lone_pod.peak < before + MOST_MEGABYTES
    assert lone_pod.cpu_seconds - used < 2

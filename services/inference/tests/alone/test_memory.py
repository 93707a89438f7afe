"""What a stranger sends costs a pod neither its memory nor anybody else's time."""

import asyncio
import json
import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import httpx
import pyarrow as pa
import pytest

from inference.tables.formats import Format
from relevo_datasets import dataset_named

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

MOST_MEGABYTES = 160
"""For one request, above what the pod has before; a pod at rest has 90."""
CONTAINER_MEGABYTES = 512
EXAMPLE = dataset_named("diabetes130").example or {}
NAMES = [feature.name for feature in dataset_named("diabetes130").features]
BODY = 8 * 2**20
LonePod = Any
Row = dict[str, Any]


def arrow(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def near_misses(rows: int) -> bytes:
    """Rows of which each field has a name that is almost one of the model's."""
    text = [
        json.dumps({"race": "Other", **{f"{name}{row}": 1 for name in NAMES}})
        for row in range(rows)
    ]
    return b"[" + ",".join(text).encode()[: BODY - 2].rpartition(b",{")[0] + b"]"


def few_bytes() -> bytes:
    """The largest batch whose rows all fit, as codes of one byte and of none."""
    row = {**EXAMPLE, "number_inpatient": 3}
    columns = {
        name: pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int8()), [value])
        for name, value in row.items()
        if isinstance(value, str)
    }
    numbers = {n: pa.array([v] * 50_000) for n, v in row.items() if not isinstance(v, str)}
    return arrow(pa.table({**columns, **numbers}))


def repeated(piece: bytes, begin: bytes = b"", end: bytes = b"") -> bytes:
    room = BODY - len(begin) - len(end)
    return begin + piece * (room // len(piece)) + end


ATTACKS: dict[str, tuple[Format, Callable[[], bytes], int]] = {
    "1,300 null columns": (
        Format.ARROW,
        lambda: arrow(pa.table({f"a{n}": pa.nulls(50_000) for n in range(1300)})),
        422,
    ),
    "null columns of the model's own": (
        Format.ARROW,
        lambda: arrow(pa.table({name: pa.nulls(50_000) for name in NAMES})),
        200,
    ),
    "as many rows as can be, in a few bytes": (Format.ARROW, few_bytes, 200),
    "empty rows without an end": (Format.JSON, lambda: repeated(b"{},", b"[", b"{}]"), 413),
    "empty lists without an end": (
        Format.JSON,
        lambda: repeated(b"[],", b'{"race":[', b"0]}"),
        422,
    ),
    "a column without an end": (
        Format.JSON,
        lambda: repeated(b"1.5,", b'{"race":[', b"0]}"),
        413,
    ),
    "a row without an end": (
        Format.JSON,
        lambda: repeated(b'"a":1,', b"[{", b'"b":2}]'),
        400,
    ),
    "columns without an end": (
        Format.JSON,
        lambda: b"{%b}" % b",".join(b'"%06x":[]' % n for n in range(600_000)),
        422,
    ),
    "as deep as can be": (Format.JSON, lambda: repeated(b"["), 400),
    "lines without an end": (Format.LINES, lambda: repeated(b"{}\n"), 413),
    "a header of commas": (Format.CSV, lambda: repeated(b","), 413),
    "lines of commas": (
        Format.CSV,
        lambda: repeated(b"," * 5_000 + b"\n", ",".join(NAMES).encode() + b"\n"),
        200,
    ),
    "a text without an end": (
        Format.CSV,
        lambda: repeated(b"x\n", ",".join(NAMES).encode() + b'\n"'),
        400,
    ),
    "rows of one near miss": (
        Format.JSON,
        lambda: b'[{"race":"Other"},%b]' % b",".join([b'{"rece":1}'] * 49_999),
        200,
    ),
    "near misses": (Format.JSON, lambda: near_misses(50_000), 200),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_body_takes_more_memory_or_time_than_a_pod_has(
    lone_pod: LonePod, name: str
) -> None:
    form, make, status = ATTACKS[name]
    body = make()
    assert len(body) <= BODY
    before, used = lone_pod.forget_peak(), lone_pod.cpu_seconds

    headers = {"content-type": form, "accept-encoding": "identity"}
    answer = httpx.post(
        f"{lone_pod.url}/predict_batch", content=body, headers=headers, timeout=60
    )

    assert answer.status_code == status, answer.text[:300]
    assert lone_pod.peak < before + MOST_MEGABYTES
    assert lone_pod.cpu_seconds - used < 2


def test_forty_megabytes_of_header_lines_are_not_kept(lone_pod: LonePod) -> None:
    before = lone_pod.forget_peak()

    with socket.create_connection(("127.0.0.1", lone_pod.port)) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\n")
        for _ in range(40):
            connection.sendall(b"a: b\r\n" * 170_000)
        answer = connection.recv(1000)

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert lone_pod.peak < before + 20


async def test_large_batches_at_once_are_answered_or_refused_within_the_memory(
    lone_pod: LonePod, example: Row
) -> None:
    rows = [example | {"number_inpatient": number % 20} for number in range(15_000)]
    body = json.dumps(rows).encode()
    assert 7 * 2**20 < len(body) <= BODY
    lone_pod.forget_peak()

    async with httpx.AsyncClient(timeout=60) as client:
        url, headers = f"{lone_pod.url}/predict_batch", {"content-type": Format.JSON}
        answers = await asyncio.gather(
            *(client.post(url, content=body, headers=headers) for _ in range(24))
        )

    good = [answer for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} == {200, 503}
    assert all(len(answer.json()["predictions"]) == 15_000 for answer in good)
    assert lone_pod.peak < CONTAINER_MEGABYTES


def test_callers_of_reload_close_nothing_else(lone_pod: LonePod, example: Row) -> None:
    request = b"POST /reload_model HTTP/1.1\r\nhost: pod\r\ncontent-length: 0\r\n\r\n"
    with ExitStack() as stack:
        callers = [
            stack.enter_context(socket.create_connection(("127.0.0.1", lone_pod.port)))
            for _ in range(280)
        ]
        for caller in callers:
            caller.sendall(request)
        answer = httpx.post(f"{lone_pod.url}/predict_batch", json=[example], timeout=60)
        statuses = [caller.recv(12)[9:] for caller in callers]

    assert answer.status_code == 200
    assert set(statuses) == {b"200", b"503"}
    assert statuses.count(b"200") >= 64

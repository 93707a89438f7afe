"""Requests as bytes on the wire: valid ones, and what chance makes of them."""

import csv
import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from benchmarks.fuzz import peers
from relevo.example import example_of

CSV, ARROW = "text/csv", "application/vnd.apache.arrow.stream"
LINES, PARQUET = "application/x-ndjson", "application/vnd.apache.parquet"
JSON = "application/json"
EXAMPLE_REQUEST: dict[str, Any] = {**example_of("diabetes130")}
ROWS: list[dict[str, Any]] = [
    EXAMPLE_REQUEST,
    EXAMPLE_REQUEST | {"race": None, "number_inpatient": 5},
    EXAMPLE_REQUEST | {"medical_specialty": "Astrology", "diag_1": "V57.1"},
]

PATHS = (
    *("/predict", "/predict?model_name=diabetes130", "/models/diabetes130/predict"),
    *("/predict_batch", "/predict_batch?strict=true", "/predict?model_name=x"),
    *("/models/x/predict", "/reload_model", "/health", "/ready", "/metrics", "/models"),
    *("/model-info", "/docs", "/openapi.json", "/", "/nowhere", "//predict", "/predict/"),
    *("/predict?modelname=x", "/predict_batch?" + "a=b&" * 2000, "/predict_batch?stric=1"),
    *("/predict?%", "/predict?strict=\u00e9", "/models/%2e%2e/predict", "/predict#x"),
    *("/models/%00/predict", "/models/" + "x" * 5000, "*", "http://x/predict", "/%ff"),
)
METHODS = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "X", "")
TYPES = (
    *(JSON, CSV, ARROW, LINES, PARQUET, "application/x-www-form-urlencoded", "text/plain"),
    *("application/json; charset=utf-16", "", "a" * 300),
    *("application/json, text/csv", "multipart/form-data; boundary=x", "\u00e9/\u00e9"),
)
ACCEPTS = (JSON, CSV, ARROW, "*/*", "text/html", ";q=", ",,,", "*/*;q=nan", "a/b;q=1e400")
ODD_HEADERS = (
    *("content-length: -1", "content-length: 1e3", "content-length: 99999999999999999999"),
    *("content-length: 5\r\ncontent-length: 6", "transfer-encoding: gzip, chunked"),
    *("transfer-encoding: x", "content-encoding: gzip", "expect: 100-continue"),
    *("connection: upgrade\r\nupgrade: websocket", "connection: close", "x: " + "y" * 9000),
    *("host: a\r\nhost: b", "cookie: \x01\x02", "no colon", " folded: header", "x:\x00"),
    *("x: y\r\n" * 120 + "x: y", "x: " + "y" * 70_000, "x-forwarded-prefix: /a/../b"),
    *("x-request-id: " + "z" * 300, "traceparent: 00-", "accept-encoding: gzip;q=x"),
    *("range: bytes=0-1", "upgrade: h2c\r\nhttp2-settings: AA\r\nconnection: upgrade"),
)
ODD_JSON: tuple[bytes, ...] = (
    *(b"", b"null", b"[]", b"{}", b"[[]]", b"[{}]", b"NaN", b"-Infinity", b"1e400", b'"'),
    *(b"[" * 20_000, b'{"a":' * 5000, b"9" * 10_000, b"[" + b"{}," * 3000 + b"{}]"),
    *(b'"\\ud800"', b'{"race":"\\udfff\\ud800"}', b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00"),
    *(b'{"race":1,"race":2}', b'{"\x00":1}', b"{'a':1}", b"[1,]", b"tru", b"\x00" * 100),
    *(b'{"":[],"":[]}', b'{"race":[1],"gender":[1,2]}', b'{"race":{"a":[]}}'),
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1.5, 10**30, -(2**63), "", "?", "None", "x" * 300, [], [1], {}),
    *("\x00", "\U0001f600", "250.01", "1" * 5000, "[70-80)", {"a": [None]}, 1e308, "NaN"),
)
NAMES = ("", "age", "A1Cresult", "patient_nbr", "id", "x" * 500, "\x00", None)
"""Of fields in place of their own: the source's, nobody's; None: the same in capitals."""


@dataclass(frozen=True)
class Sent:
    """Bytes to send in pieces; whole: one answer must come, whatever it says."""

    pieces: tuple[bytes, ...]
    whole: bool


def build(chance: random.Random) -> Sent:
    """One request of a kind that chance chooses."""
    kinds: Sequence[Callable[[random.Random], Sent]] = (
        *(_values, _values, _flipped, _flipped, _tables, _headers, _paths, _chunked, _raw),
        *(_peers, _peers),
    )
    return chance.choice(kinds)(chance)


def valid(body: bytes | None = None, path: str = "/predict") -> Sent:
    """The example as it should be sent."""
    return _request(path, json.dumps(EXAMPLE_REQUEST).encode() if body is None else body)


def _request(
    path: str,
    body: bytes,
    *,
    method: str = "POST",
    media_type: str = JSON,
    headers: Sequence[str] = (),
    whole: bool = True,
) -> Sent:
    lines = [f"{method} {path} HTTP/1.1", "host: pod", f"content-type: {media_type}"]
    lines += [f"content-length: {len(body)}", *headers]
    head = "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n"
    return Sent((head + body,), whole)


def _values(chance: random.Random) -> Sent:
    """Valid JSON whose values, or shape, are not."""
    row = dict(chance.choice(ROWS))
    for name in chance.sample(sorted(row), chance.randint(0, 4)):
        row[name] = chance.choice(ODD_VALUES)
    for name in chance.sample(sorted(row), chance.choice([0, 0, 1, 3])):
        row[_renamed(name, chance)] = row.pop(name)
    if chance.random() < 0.5:
        return _request(chance.choice(PATHS[:3]), json.dumps(row).encode())
    rows = [*chance.choices(ROWS, k=chance.randint(0, 20)), row]
    shape: object = rows
    if chance.random() < 0.3:
        shape = {name: [each.get(name) for each in rows] for name in row}
    path = chance.choice(PATHS[3:5])
    accept = f"accept: {chance.choice(ACCEPTS)}"
    return _request(path, json.dumps(shape).encode(), headers=[accept])


def _renamed(name: str, chance: random.Random) -> str:
    other = chance.choice(NAMES)
    return name.upper() if other is None else other


def _flipped(chance: random.Random) -> Sent:
    """JSON with some of its bytes replaced, removed or repeated, or odd from the start."""
    body = json.dumps(chance.choice([ROWS[0], ROWS])).encode()
    body = chance.choice(ODD_JSON) if chance.random() < 0.3 else _damaged(body, chance)
    return _request(chance.choice(PATHS[:7]), body)


def _tables(chance: random.Random) -> Sent:
    """CSV and Arrow, damaged more often than not."""
    rows = chance.choices(ROWS, k=chance.randint(1, 30))
    form = chance.choice([CSV, ARROW, LINES, PARQUET])
    body = _body(rows, form, chance)
    if chance.random() < 0.7:
        body = _damaged(body, chance)
    accept = f"accept: {chance.choice(ACCEPTS)}"
    path = chance.choice(PATHS[3:5])
    return _request(path, body, media_type=form, headers=[accept])


def _peers(chance: random.Random) -> Sent:
    """What clients of other servers send, with odd values, or damaged."""
    rows = [dict(row) for row in chance.choices(ROWS, k=chance.randint(1, 10))]
    if chance.random() < 0.3:
        rows[0][chance.choice(sorted(rows[0]))] = chance.choice(ODD_VALUES)
    path, body, json_bytes = peers.sent(rows, chance)
    if chance.random() < 0.4:
        body = _damaged(body, chance)
    if json_bytes is None:
        return _request(path, body)
    headers = [f"inference-header-content-length: {json_bytes}"]
    return _request(path, body, media_type="application/octet-stream", headers=headers)


def _headers(chance: random.Random) -> Sent:
    """A valid body under headers that are not; not all of these need an answer."""
    path, body = chance.choice(PATHS[:5]), json.dumps(ROWS[0]).encode()
    if chance.random() < 0.5:
        return _request(path, body, media_type=chance.choice(TYPES), whole=False)
    headers = chance.sample(ODD_HEADERS, chance.randint(1, 3))
    return _request(path, body, headers=headers, whole=False)


def _paths(chance: random.Random) -> Sent:
    """Methods and paths that are, and are not, there."""
    method = chance.choice((*METHODS, "GET", "POST"))
    path = chance.choice((*PATHS, *peers.PATHS))
    return _request(path, b"", method=method, whole=False)


def _chunked(chance: random.Random) -> Sent:
    """A body in chunks, in several packets; some of its chunks are wrong."""
    body = json.dumps(chance.choice([ROWS[0], ROWS])).encode()
    head = f"POST {chance.choice(PATHS[:5])} HTTP/1.1\r\nhost: pod\r\n".encode()
    head += b"content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    cuts = sorted(chance.sample(range(1, len(body)), 3))
    parts = [
        body[start:end] for start, end in zip((0, *cuts), (*cuts, len(body)), strict=True)
    ]
    chunks = [b"%x\r\n%b\r\n" % (len(part), part) for part in parts] + [b"0\r\n\r\n"]
    if whole := chance.random() < 0.5:
        return Sent((head, *chunks), whole)
    wrong = (
        b"zz\r\n",
        b"-1\r\nx\r\n",
        b"ffffffffffffffff\r\nx",
        b"5;" + b"x" * 9000,
        b"\n",
    )
    chunks[chance.randrange(len(chunks))] = chance.choice(wrong)
    return Sent((head, *chunks), whole)


def _raw(chance: random.Random) -> Sent:
    """Bytes that are hardly HTTP; requests that break off, or come two at a time."""
    good = valid().pieces[0]
    match chance.randrange(4):
        case 0:
            return Sent((chance.randbytes(chance.randint(1, 2000)),), whole=False)
        case 1:
            return Sent((good[: chance.randrange(1, len(good))],), whole=False)
        case 2:
            return Sent((_damaged(good, chance),), whole=False)
        case _:
            return Sent((good + good[: chance.randrange(len(good))],), whole=False)


def _damaged(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(damaged) + 1)
        match chance.randrange(4):
            case 0:
                damaged[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del damaged[place : place + chance.randint(1, 50)]
            case 2:
                damaged[place:place] = damaged[place : place + chance.randint(1, 200)]
            case _:
                damaged[place : place + 4] = chance.choice(
                    [
                        b"\xff\xff\xff\x7f",
                        b"\xff\xff\xff\xff",
                        b"\x00\x00\x00\x00",
                        b'"\\u"',
                    ]
                )
    return bytes(damaged)


def _body(rows: Sequence[dict[str, Any]], form: str, chance: random.Random) -> bytes:
    if form == CSV:
        return _csv(rows)
    if form == ARROW:
        return _arrow(rows, chance)
    if form == LINES:
        return "\n".join(map(json.dumps, rows)).encode()
    sink = pa.BufferOutputStream()
    compression = chance.choice(["snappy", "none", "zstd"])
    parquet.write_table(pa.Table.from_pylist(list(rows)), sink, compression=compression)
    return bytes(sink.getvalue())


def _csv(rows: Sequence[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _arrow(rows: Sequence[dict[str, Any]], chance: random.Random) -> bytes:
    table = pa.Table.from_pylist(list(rows))
    if chance.random() < 0.5:
        columns = [
            column.dictionary_encode() if pa.types.is_string(column.type) else column
            for column in table.columns
        ]
        table = pa.table(columns, names=table.column_names)
    options = pa.ipc.IpcWriteOptions(compression=chance.choice([None, None, "zstd", "lz4"]))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())

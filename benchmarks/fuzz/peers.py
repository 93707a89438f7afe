"""Bodies as peers' clients send them, for chance to damage."""

import json
import random
import struct
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

INFER = "/v2/models/diabetes130/infer"
SCORE = "/invocations"
INSTANCES = "/v1/models/diabetes130:predict"
PATHS = (
    *(INFER, SCORE, INSTANCES, "/v2", "/v2/health/live", "/v2/health/ready", "/ping"),
    *("/v2/models/diabetes130", "/v2/models/diabetes130/versions/x/infer", "/version"),
    *("/v2/models/x/infer", "/v1/models", "/v1/models/x:predict", "/v1/models/diabetes130"),
)
KINDS = {bool: "BOOL", int: "INT64", float: "FP64", str: "BYTES"}
DATATYPES = ("BYTES", "BOOL", "INT8", "UINT64", "FP16", "FP32", "BF16", "")
SHAPES: tuple[Any, ...] = ([], [-1], [0], [1, 1], [2, 2], [10**30], [1.5], "x", None)
SIZES: tuple[Any, ...] = (0, -1, 3, 10**9, 2**70, "6", None)


def sent(rows: Sequence[Row], chance: random.Random) -> tuple[str, bytes, int | None]:
    """A path, a body, and how many of its bytes are JSON; None: nothing says it."""
    match chance.randrange(3):
        case 0:
            return INFER, *_tensors(rows, chance)
        case 1:
            return SCORE, json.dumps(_scored(rows, chance)).encode(), None
        case _:
            return INSTANCES, json.dumps({"instances": list(rows)}).encode(), None


def _scored(rows: Sequence[Row], chance: random.Random) -> Row:
    columns = {name: [row.get(name) for row in rows] for name in rows[0]}
    lines = [list(row.values()) for row in rows]
    forms: Row = {
        "dataframe_split": {"columns": list(rows[0]), "data": lines},
        "dataframe_records": list(rows),
        "instances": chance.choice([list(rows), columns]),
        "inputs": chance.choice([list(rows), columns, rows[0], float("nan")]),
    }
    return {
        name: forms[name] for name in chance.sample(list(forms), chance.choice([1, 1, 2]))
    }


def _tensors(rows: Sequence[Row], chance: random.Random) -> tuple[bytes, int | None]:
    """One per feature, some of them odd, some of them as bytes behind the JSON."""
    inputs: list[dict[str, Any]] = []
    behind: list[bytes] = []
    for name in rows[0]:
        values = [row.get(name) for row in rows]
        tensor: dict[str, Any] = {"name": name, "shape": [len(rows)]}
        tensor["datatype"] = KINDS.get(type(values[0]), "BYTES")
        if chance.random() < 0.3:
            texts = [str(value).encode() for value in values]
            content = b"".join(struct.pack("<I", len(each)) + each for each in texts)
            behind.append(content)
            size = chance.choice(SIZES) if chance.random() < 0.05 else len(content)
            tensor |= {"datatype": "BYTES", "parameters": {"binary_data_size": size}}
        else:
            tensor["data"] = values
        if chance.random() < 0.02:
            tensor["shape"] = chance.choice(SHAPES)
        if chance.random() < 0.02:
            tensor["datatype"] = chance.choice(DATATYPES)
        inputs.append(tensor)
    request: dict[str, Any] = {"inputs": inputs}
    if chance.random() < 0.5:
        request["parameters"] = {"binary_data_output": True}
    if chance.random() < 0.2:
        names = chance.choices(["probability", "label", "x"], k=2)
        request["outputs"] = [{"name": name} for name in names]
    told = json.dumps(request).encode()
    return b"".join([told, *behind]), len(told) if behind else None

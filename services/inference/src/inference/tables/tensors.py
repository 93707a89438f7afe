"""Tensors of the Open Inference Protocol: one per feature, as JSON or bytes; pure."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import numpy as np

from inference.tables.bodies import not_json, unfit
from inference.tables.envelopes import typed
from inference.tables.parts import CheckNames, Columns
from inference.tables.problems import Problem, too_many_rows
from relevo_bundles.columns import Coded, Column

NUMBERS = {
    "BOOL": "?",
    "INT8": "<i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "UINT8": "<u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
}
"""numpy's types by the protocol's datatypes, but for BYTES."""
BYTES = "BYTES"
SIZE_BYTES = 4
"""Before each of the texts of a binary tensor stands how long it is."""
ARROW = {"int8": "INT64", "int64": "INT64", "float64": "FP64", "string": BYTES}
JSON = {"integer": "INT64", "number": "FP64", "boolean": "BOOL", "string": BYTES}
"""Datatypes by Arrow's types, and by JSON's."""


class TensorParameters(msgspec.Struct, frozen=True):
    """binary_data_size: so many bytes after the JSON are its data."""

    binary_data_size: int | None = None


class Tensor(msgspec.Struct, frozen=True):
    """One feature of all rows, as it was sent."""

    name: str
    shape: list[int]
    datatype: str
    parameters: TensorParameters | None = None
    data: msgspec.Raw = msgspec.Raw(b"")


def read_tensors(
    tensors: Sequence[Tensor], content: bytes, *, max_rows: int, check: CheckNames
) -> Columns:
    """The columns that the tensors are; `content`: what came after the JSON.

    Raises Problem: 400 for damaged data, 413 for too many rows, 422 for tensors that are
    no columns of one length, or of other names than the model takes.
    """
    check([tensor.name for tensor in tensors], True)
    lengths = {_rows(tensor) for tensor in tensors}
    if len(lengths) != 1:
        raise unfit(f"tensors of {sorted(lengths)} rows: all must have as many")
    (rows,) = lengths
    if rows > max_rows:
        raise too_many_rows(max_rows)
    columns: dict[str, Column] = {}
    begin = 0
    for tensor in tensors:
        size = tensor.parameters.binary_data_size if tensor.parameters else None
        if size is None:
            values = _of_json(tensor)
        else:
            if not 0 <= size <= len(content) - begin:
                raise _damaged(tensor, f"of its {size} bytes not all are there")
            values = _of_bytes(tensor, rows, content[begin : begin + size])
            begin += size
        if len(values) != rows:
            raise _damaged(tensor, f"has {len(values)} values, by its shape {rows}")
        columns[tensor.name] = Coded.of(values)
    if begin != len(content):
        raise unfit(f"after the tensors {len(content) - begin} bytes are left")
    return Columns(columns, rows)


def write_tensors(
    columns: Mapping[str, Sequence[Any]],
    types: Mapping[str, str],
    binary: Mapping[str, bool],
) -> tuple[list[dict[str, Any]], list[bytes]]:
    """The columns as tensors, and the data of those that go as bytes.

    types: Arrow's. binary: for each column to be written, whether it goes as bytes.
    """
    tensors: list[dict[str, Any]] = []
    contents: list[bytes] = []
    for name, as_bytes in binary.items():
        values, datatype = columns[name], ARROW[types[name]]
        if datatype == BYTES:
            values = ["" if value is None else str(value) for value in values]
        tensor: dict[str, Any] = {
            "name": name,
            "datatype": datatype,
            "shape": [len(values)],
        }
        if as_bytes:
            contents.append(_bytes_of(values, datatype))
            tensor["parameters"] = {"binary_data_size": len(contents[-1])}
        else:
            tensor["data"] = values
        tensors.append(tensor)
    return tensors, contents


def _rows(tensor: Tensor) -> int:
    rows, *others = tensor.shape or [-1]
    if rows < 0 or others not in ([], [1]):
        raise unfit(
            f"the tensor `{tensor.name[:64]}` has the shape {tensor.shape[:4]}: a tensor"
            " has one feature of all rows, [rows] or [rows, 1]"
        )
    if tensor.datatype not in {BYTES, *NUMBERS}:
        raise unfit(
            f"the tensor `{tensor.name[:64]}` has the datatype {tensor.datatype[:64]!r};"
            f" there is {BYTES}, {', '.join(NUMBERS)}"
        )
    return rows


def _of_json(tensor: Tensor) -> list[Any]:
    text = bytes(tensor.data)
    if not text:
        raise unfit(f"the tensor `{tensor.name[:64]}` has no data")
    match tensor.datatype:
        case "BYTES":
            kind: Any = str
        case "BOOL":
            kind = bool
        case name:
            kind = float if name.startswith("FP") else int
    is_nested = text[1:].lstrip().startswith(b"[")
    form = list[tuple[kind | None]] if is_nested else list[kind | None]
    try:
        values: Any = typed(text, form, of=f"the tensor `{tensor.name[:64]}`")
    except msgspec.DecodeError as error:
        raise not_json(str(error)) from error
    return [value for (value,) in values] if is_nested else list(values)


def _of_bytes(tensor: Tensor, rows: int, content: bytes) -> list[Any]:
    if tensor.datatype == BYTES:
        return _texts(tensor, rows, content)
    kind = np.dtype(NUMBERS[tensor.datatype])
    if len(content) != rows * kind.itemsize:
        raise _damaged(tensor, f"has {len(content)} bytes for {rows} {tensor.datatype}")
    return list(np.frombuffer(content, kind).tolist())


def _texts(tensor: Tensor, rows: int, content: bytes) -> list[str]:
    texts: list[str] = []
    begin = 0
    try:
        while begin < len(content) and len(texts) < rows:
            end = begin + SIZE_BYTES
            end += int.from_bytes(content[begin:end], "little")
            texts.append(content[begin + SIZE_BYTES : end].decode())
            begin = end
    except UnicodeDecodeError as error:
        raise _damaged(tensor, f"is no text in UTF-8: {error}") from error
    if begin != len(content):
        raise _damaged(tensor, "has sizes that do not add up to its bytes")
    return texts


def _bytes_of(values: Sequence[Any], datatype: str) -> bytes:
    if datatype != BYTES:
        return np.array(values, NUMBERS[datatype]).tobytes()
    texts = [value.encode() for value in values]
    return b"".join(len(text).to_bytes(SIZE_BYTES, "little") + text for text in texts)


def _damaged(tensor: Tensor, reason: str) -> Problem:
    told = f"the tensor `{tensor.name[:64]}` {reason}"
    return Problem(HTTPStatus.BAD_REQUEST, told, kind="no-tensor")

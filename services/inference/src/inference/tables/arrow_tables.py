"""Arrow streams: a body becomes columns, answers become a stream.

pyarrow is imported at the first use: a pod that is never asked in Arrow is 25 MB smaller.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import numpy as np

from inference.tables.parts import PART_ROWS, CheckNames, Columns
from inference.tables.problems import Problem, invalid_columns, too_many_rows
from relevo_bundles import Coded, FieldError
from relevo_bundles.columns import Column

if TYPE_CHECKING:
    import pyarrow as pa

MOST_SCHEMA_BYTES = 2**20
DICTIONARY_BATCH, RECORD_BATCH = 2, 3
HEADER_TYPE, HEADER = 1, 2
"""Fields of the flatbuffers table Message (format/Message.fbs of Apache Arrow)."""
DICTIONARY_DATA, COMPRESSION = 1, 3
"""Fields of the tables DictionaryBatch and RecordBatch."""


def read_arrow(body: bytes, *, max_rows: int, check: CheckNames) -> Iterator[Columns]:
    """The columns of a stream, part by part.

    Raises Problem: 400 when it is no whole stream, 413 for too many rows, 415 when it is
    compressed (a few bytes could unpack to any size), 422 for a column of other than
    text, numbers or booleans, or of another name.
    """
    import pyarrow as pa

    try:
        yield from tables_to_parts(_table(body, max_rows=max_rows, check=check))
    # pyarrow tells of damage by errors of its own, by OSError and by UnicodeError
    except (pa.ArrowException, OSError, UnicodeError, struct.error) as error:
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            f"the body is not a whole Arrow stream: {str(error)[:200]}",
            kind="not-arrow",
        ) from error


def _table(body: bytes, *, max_rows: int, check: CheckNames) -> "pa.Table":
    import pyarrow as pa

    if int.from_bytes(body[4:8], "little") > MOST_SCHEMA_BYTES:
        raise pa.ArrowInvalid(f"its schema has more than {MOST_SCHEMA_BYTES} bytes")
    batches: list[pa.RecordBatch] = []
    rows = 0
    with pa.ipc.open_stream(body) as stream:
        check(stream.schema.names, True)
        check_types(stream.schema)
        _refuse_compression(body)
        for batch in stream:
            rows += batch.num_rows
            if rows > max_rows:
                raise too_many_rows(max_rows)
            # else offsets that point out of the body would be followed
            batch.validate(full=True)
            batches.append(batch)
        return pa.Table.from_batches(batches, stream.schema)


def tables_to_parts(table: "pa.Table") -> Iterator[Columns]:
    """The rows of a table, some at a time; what is coded stays so."""
    from pyarrow import types

    coded = {
        name: _coded(column)
        for name, column in zip(table.column_names, table.columns, strict=True)
        if types.is_dictionary(column.type) and column.num_chunks
    }
    for begin in range(0, max(table.num_rows, 1), PART_ROWS):
        part = table.slice(begin, PART_ROWS)
        rows = slice(begin, begin + part.num_rows)
        columns: dict[str, Column] = {}
        for name, column in zip(part.column_names, part.columns, strict=True):
            if name in coded:
                columns[name] = Coded(coded[name].values, coded[name].codes[rows])
            else:
                columns[name] = column.to_pylist()
        yield Columns(columns, part.num_rows)


def check_types(schema: "pa.Schema") -> None:
    """Raises Problem 422 for a column of other than text, numbers or booleans."""
    from pyarrow import types

    wrong = []
    for field in schema:
        kind = field.type.value_type if types.is_dictionary(field.type) else field.type
        is_text = (
            types.is_string(kind)
            or types.is_large_string(kind)
            or types.is_string_view(kind)
        )
        is_number = types.is_integer(kind) or types.is_floating(kind)
        if not (is_text or is_number or types.is_boolean(kind) or types.is_null(kind)):
            told = f"is a column of {str(field.type)[:64]}"
            allowed = "text, numbers or booleans"
            wrong.append(FieldError(field.name[:64], told, allowed=allowed))
    if wrong:
        raise invalid_columns(wrong)


def _coded(column: "pa.ChunkedArray") -> Coded:
    """The values of a dictionary column, each different one once."""
    whole = column.unify_dictionaries().combine_chunks()
    values = [*whole.dictionary.to_pylist(), None]
    codes = [-1 if code is None else code for code in whole.indices.to_pylist()]
    return Coded(values, np.array(codes, np.intp) % len(values))


def _refuse_compression(body: bytes) -> None:
    import pyarrow as pa

    for message in pa.ipc.MessageReader.open_stream(body):
        if _is_compressed(message.metadata.to_pybytes()):
            raise Problem(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "the Arrow stream is compressed; send it without compression",
            )


def _is_compressed(message: bytes) -> bool:
    (root,) = struct.unpack_from("<I", message)
    header = _follow(message, root, HEADER)
    place = _field(message, root, HEADER_TYPE)
    kind = message[place] if place else 0
    if kind == DICTIONARY_BATCH and header:
        header = _follow(message, header, DICTIONARY_DATA)
    is_batch = kind in {DICTIONARY_BATCH, RECORD_BATCH} and header
    return bool(is_batch and _field(message, header, COMPRESSION))


def _follow(message: bytes, table: int, field: int) -> int:
    """Where the table in a field of a table begins; 0: there is none."""
    place = _field(message, table, field)
    return place + struct.unpack_from("<I", message, place)[0] if place else 0


def _field(message: bytes, table: int, field: int) -> int:
    """Where a field of a flatbuffers table lies; 0: the table does not have it."""
    vtable = table - struct.unpack_from("<i", message, table)[0]
    if 4 + 2 * field >= struct.unpack_from("<H", message, vtable)[0]:
        return 0
    (offset,) = struct.unpack_from("<H", message, vtable + 4 + 2 * field)
    return table + offset if offset else 0


def write_arrow(columns: Mapping[str, Sequence[Any]], types: Mapping[str, str]) -> bytes:
    """A stream of the columns of an answer, of these types by Arrow's names."""
    import pyarrow as pa

    schema = pa.schema([(name, pa.type_for_alias(types[name])) for name in columns])
    arrays = [
        pa.Array.from_buffers(field.type, len(values), _buffers(values, types[name]))
        for field, (name, values) in zip(schema, columns.items(), strict=True)
    ]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return bytes(sink.getvalue())


def _buffers(values: Sequence[Any], kind: str) -> "list[pa.Buffer | None]":
    """As the columnar format lays values out, null where there is none.

    pyarrow.array would do it, but imports pandas wherever it finds it.
    """
    import pyarrow as pa

    is_there = None
    if None in values:
        bits = np.packbits([value is not None for value in values], bitorder="little")
        is_there = pa.py_buffer(bits)
        nothing = "" if kind == "string" else 0
        values = [nothing if value is None else value for value in values]
    if kind != "string":
        return [is_there, pa.py_buffer(np.array(values, kind))]
    text = "".join(values)
    sized = values if text.isascii() else [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, sized)], dtype=np.int32)
    return [is_there, pa.py_buffer(ends), pa.py_buffer(text.encode())]

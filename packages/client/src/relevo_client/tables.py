"""Tables become Arrow streams, and answers columns beside their rows.

pyarrow and pandas are imported when a table is asked for: who asks rows needs neither.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ID = "id"
"""A pod carries the values of this column through to the answers."""
ROWS = 10_000
"""Of a request."""


def streams(table: "pa.Table", id: str | None) -> Iterator[bytes]:
    """The table as streams of so many rows that a pod takes each.

    id: the column that names the rows; raises ValueError when it does not name each once.
    """
    import pyarrow as pa

    if id is not None:
        table = _with_id(table, id)
    for begin in range(0, max(table.num_rows, 1), ROWS):
        part = table.slice(begin, ROWS)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, part.schema) as stream:
            stream.write_table(part)
        yield sink.getvalue().to_pybytes()


def read_stream(content: bytes) -> "pa.Table":
    """The answers of one stream: a line for each row that was sent, in its order."""
    import pyarrow as pa

    with pa.ipc.open_stream(content) as stream:
        return stream.read_all()


def beside(table: "pa.Table", answers: "list[pa.Table]", id: str | None) -> "pa.Table":
    """The table, and beside each row its answer.

    id: the column by which they belong together; None: by their order.
    """
    import pyarrow as pa

    answered = pa.concat_tables(answers).drop_columns("row")
    if id is None:
        return _beside(table, answered)
    import pyarrow.compute as pc

    places = pc.index_in(table.column(id).cast(pa.string()), answered.column(ID))
    return _beside(table, answered.take(places).drop_columns(ID))


def of_frame(frame: "pd.DataFrame") -> "pa.Table":
    """The columns of a frame, without its index."""
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)


def frame_of(table: "pa.Table", like: "pd.DataFrame") -> "pd.DataFrame":
    """The new columns of the table beside the frame, under its own index."""
    answers = table.drop_columns([*map(str, like.columns)]).to_pandas()
    return like.assign(**{name: answers[name].array for name in answers})


def _with_id(table: "pa.Table", id: str) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    if id not in table.column_names:
        raise ValueError(f"the table has no column {id!r}")
    names = table.column(id).cast(pa.string())
    if names.null_count or pc.count_distinct(names).as_py() != table.num_rows:
        raise ValueError(f"the column {id!r} must name each row, and each once")
    if id == ID:
        return table
    if ID in table.column_names:
        raise ValueError(f"the table has a column {ID!r} beside {id!r}: name that one")
    return table.drop_columns(id).append_column(ID, names)


def _beside(table: "pa.Table", answers: "pa.Table") -> "pa.Table":
    for name in answers.column_names:
        if name in table.column_names:
            table = table.drop_columns(name)
        table = table.append_column(name, answers.column(name))
    return table

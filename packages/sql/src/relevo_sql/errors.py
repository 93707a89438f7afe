"""What goes wrong with a statement, in a sentence for the person who wrote it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from relevo_contracts import OutageError

OUTSIDE = (
    "only the views can be read: no file, no other address, no extension is reached"
    " from here"
)
KIND = re.compile(r"^(?:[A-Za-z]+ )+Error: ")
MISSING = re.compile(r"HTTP 40[34]|\b40[34] \(")


class SqlError(Exception):
    """The statement cannot be answered; the text says why and goes to the person."""


@contextmanager
def in_words(*, store: str, memory: str) -> Iterator[None]:
    """DuckDB's errors as SqlError, or OutageError when the store does not answer.

    store: its address; memory: what a statement may have, such as 512MB. While rows are
    read, DuckDB's errors come through Arrow, as OSError: the text alone tells their kind.
    """
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise translated(str(error), store=store, memory=memory) from error


def translated(text: str, *, store: str, memory: str) -> SqlError | OutageError:
    """The error of that text."""
    told = first_part(text)
    if text.startswith("Permission Error"):
        return SqlError(OUTSIDE)
    if text.startswith("Out of Memory Error"):
        return SqlError(
            f"it takes more than the {memory} that a statement may have: group earlier,"
            " or name fewer columns"
        )
    if text.startswith(("HTTP Error", "IO Error")) and not MISSING.search(text):
        return OutageError(f"the store {store} does not answer: {told}")
    return SqlError(told)


def first_part(text: str) -> str:
    """What DuckDB says in one line, without its repetition of the statement."""
    return KIND.sub("", " ".join(text.split("\n\n")[0].split()))

"""What goes wrong with a statement, in a sentence for the person who wrote it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from relevo_contracts import OutageError

OUTSIDE = (
    "only the views can be read: no file, no other address, no extension is reached"
    " from here"
)
KIND = re.compile(r"^(?:[A-Z][A-Za-z]* )+Error: ")


class SqlError(Exception):
    """The statement cannot be answered; the text says why and goes to the person."""


@contextmanager
def in_words(*, store: str, memory: str) -> Iterator[None]:
    """DuckDB's errors as SqlError, or OutageError when the store does not answer.

    store: its address; memory: what a statement may have, such as 512MB.
    """
    try:
        yield
    except duckdb.PermissionException as error:
        raise SqlError(OUTSIDE) from error
    except duckdb.OutOfMemoryException as error:
        raise SqlError(f"it takes more than the {memory} that a statement may have: group"
                       " earlier, or name fewer columns") from error  # fmt: skip
    except duckdb.HTTPException as error:
        if getattr(error, "status_code", 0) in (403, 404):
            raise SqlError(first_part(error)) from error
        raise OutageError(f"the store {store}: {first_part(error)}") from error
    except duckdb.IOException as error:
        raise OutageError(f"the store {store}: {first_part(error)}") from error
    except duckdb.Error as error:
        raise SqlError(first_part(error)) from error


def first_part(error: Exception) -> str:
    """What DuckDB says, without its repetition of the statement."""
    text = str(error).split("\n\n")[0].strip()
    return KIND.sub("", " ".join(text.split()))

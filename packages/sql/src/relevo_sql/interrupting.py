"""A statement's time: whoever takes longer is interrupted."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer

import duckdb

from relevo_contracts import OutageError
from relevo_sql.errors import SqlError


@contextmanager
def interrupted_after(seconds: float, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Raises SqlError when the block's statement has not ended by then."""
    is_late = False

    def stop() -> None:
        nonlocal is_late
        is_late = True
        with suppress(duckdb.Error):
            cursor.interrupt()

    timer = Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (SqlError, OutageError) as error:
        if is_late:
            text = f"stopped after {seconds:g} s, which a statement may take at most"
            raise SqlError(text) from error
        raise
    finally:
        timer.cancel()

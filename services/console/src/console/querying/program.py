"""The query program, `python -m console.querying.program`: DuckDB, apart from the pages.

It reads lines from its standard input and answers each with one; SIGINT stops the statement
that runs. It ends with its input.
"""

import errno
import resource
import signal
import sys
from pathlib import Path

from console.querying.questions import (
    MEMORY,
    MOST_FILE_BYTES,
    TABLE_SECONDS,
    Opening,
    Question,
    Reply,
)
from console.querying.shown import known, table
from relevo_contracts import OutageError
from relevo_sql import Limits, SqlError, Store, Warehouse, open_warehouse
from relevo_sql.writing import write

TOO_LARGE = (
    f"the answer is larger than {MOST_FILE_BYTES / 1e6:.0f} MB: name fewer columns or rows,"
    " or let `relevo sql --format` write it"
)


class Interrupted(BaseException):
    """The person does not wait any more."""


def main() -> None:
    """Answer what is asked until nobody asks any more."""
    opening = Opening.model_validate_json(sys.stdin.readline())
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
    converse(warehouse_of(opening))


def converse(warehouse: Warehouse) -> None:
    """One answer to each line, in turn."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        reply = answer(warehouse, Question.model_validate_json(line))
        print(reply.model_dump_json(), flush=True)  # noqa: T201


def warehouse_of(opening: Opening) -> Warehouse:
    """The data, of which nothing is reached before the first statement."""
    store = Store(
        opening.endpoint_url, opening.access_key, opening.secret_key, opening.bucket
    )
    limits = Limits(seconds=TABLE_SECONDS, memory=MEMORY)
    return open_warehouse(
        opening.catalog_url, store, datasets=opening.datasets, limits=limits
    )


def answer(warehouse: Warehouse, question: Question) -> Reply:
    """The answer's rows into the question's file, and how that ended."""
    try:
        signal.signal(signal.SIGINT, interrupt)
        put(warehouse, question)
    except SqlError as error:
        return Reply(outcome="refused", reason=str(error))
    except OutageError as error:
        return Reply(outcome="away", reason=str(error))
    except (Interrupted, RuntimeError):  # the latter is what DuckDB makes of a signal
        return Reply(outcome="stopped", reason="stopped")
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        return Reply(outcome="refused", reason=TOO_LARGE)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return Reply(outcome="done")


def interrupt(*_: object) -> None:
    """What a signal does while a statement runs."""
    raise Interrupted


def put(warehouse: Warehouse, question: Question) -> None:
    """Ask, and write the answer. Raises SqlError, OutageError, OSError, Interrupted."""
    path, dataset = Path(question.path), question.dataset or None
    if question.sql is None:
        path.write_text(known(warehouse), encoding="utf-8")
    elif question.form == "table":
        rows = warehouse.query(question.sql, dataset=dataset)
        path.write_text(table(rows), encoding="utf-8")
    else:
        with (
            path.open("wb") as file,
            warehouse.run(question.sql, dataset=dataset, seconds=question.seconds) as rows,
        ):
            write(rows, file, question.form)


if __name__ == "__main__":
    main()

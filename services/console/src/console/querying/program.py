"""The query program, `python -m console.querying.program`: DuckDB, apart from the pages.

It reads lines from its standard input, answers each with one, and ends with its input; a
statement that nobody waits for any more ends with the program.
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

LONGEST_REASON = 2_000  # a statement chooses the text of error('…') itself
TOO_LARGE = (
    f"the answer is larger than {MOST_FILE_BYTES / 1e6:.0f} MB: name fewer columns or rows,"
    " or let `relevo sql --format` write it"
)


def main() -> None:
    """Answer what is asked until nobody asks any more."""
    opening = Opening.model_validate_json(sys.stdin.readline())
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
    converse(warehouse_of(opening))


def converse(warehouse: Warehouse) -> None:
    """One answer to each line, in turn."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the console
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
        put(warehouse, question)
    except SqlError as error:
        return Reply(outcome="refused", reason=str(error)[:LONGEST_REASON])
    except OutageError as error:
        return Reply(outcome="away", reason=str(error))
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        return Reply(outcome="refused", reason=TOO_LARGE)
    return Reply(outcome="done")


def put(warehouse: Warehouse, question: Question) -> None:
    """Ask, and write the answer. Raises SqlError, OutageError, OSError."""
    sql, path, dataset = question.sql, Path(question.path), question.dataset or None
    if sql is None:
        path.write_text(known(warehouse), encoding="utf-8")
    elif question.form == "table":
        rows = table(warehouse.query(sql, dataset=dataset))
        path.write_text(rows, encoding="utf-8")
    else:
        with (
            path.open("wb") as file,
            warehouse.run(sql, dataset=dataset, seconds=question.seconds) as result,
        ):
            write(result, file, question.form)


if __name__ == "__main__":
    main()

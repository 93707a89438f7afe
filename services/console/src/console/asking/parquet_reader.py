"""The process that reads a Parquet file: `python -m console.asking.parquet_reader FROM TO`.

It ends with 0, or with 3 and a sentence on its standard error, or as a limit ends it.
"""

import contextlib
import errno
import resource
import sys

MOST_MEMORY = 2**30
MOST_OUTPUT = 64 * 2**20
MOST_SECONDS = 30
REFUSED = 3
ROWS_AT_A_TIME = 5_000


def limit() -> None:
    """No more memory, output and time than a good file needs."""
    limits = {
        resource.RLIMIT_AS: MOST_MEMORY,
        resource.RLIMIT_FSIZE: MOST_OUTPUT,
        resource.RLIMIT_CPU: MOST_SECONDS,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in limits.items():
        # not every system knows every limit
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (most, most))


def convert(source: str, made: str) -> None:
    """Rows as CSV, a few at a time; raises pyarrow's errors for what is no Parquet."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    with parquet.ParquetFile(source) as file:
        schema = file.schema_arrow
        with csv.CSVWriter(made, schema) as writer:
            for batch in file.iter_batches(ROWS_AT_A_TIME, use_threads=False):
                writer.write_batch(batch)


def main(source: str, made: str) -> int:
    """The code that the process ends with."""
    limit()
    import pyarrow as pa

    try:
        convert(source, made)
    except MemoryError:
        return 1
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            return 1
        told = str(error)[:200].rstrip(". ")
        sys.stderr.write(f"it is no Parquet file that can be read as CSV: {told}")
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))

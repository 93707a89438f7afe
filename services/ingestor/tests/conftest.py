"""What several tests need: raw tables, and a data source that really listens."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO

import pyarrow as pa
import pytest
from flask import Flask
from pyarrow import parquet
from werkzeug.serving import make_server

from data_api.sources import SHIPPED

Serve = Callable[..., AbstractContextManager[str]]
Write = Callable[[pa.Table], bytes]


@pytest.fixture(scope="session")
def real_rows() -> pa.Table:
    """200 rows of the first shipped batch of diabetes130."""
    path = SHIPPED / "diabetes130" / "batch-0001.parquet"
    return parquet.read_table(path).slice(0, 200)


@pytest.fixture(scope="session")
def to_parquet() -> Callable[[pa.Table], bytes]:
    def write(table: pa.Table) -> bytes:
        file = BytesIO()
        parquet.write_table(table, file)
        return file.getvalue()

    return write


@pytest.fixture
def serve() -> Serve:
    """serve(app, port=0) -> a context in which the app answers at the address given."""

    @contextmanager
    def serving(app: Flask, port: int = 0) -> Iterator[str]:
        server = make_server("127.0.0.1", port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    return serving


@pytest.fixture
def batch(real_rows: pa.Table, to_parquet: Write) -> Callable[[int], bytes]:
    """batch(n): the bytes of a good batch, another one for each n."""
    return lambda number: to_parquet(real_rows.slice(number * 10, 10))

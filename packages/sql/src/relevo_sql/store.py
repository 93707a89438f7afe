"""Where the objects are: a port, and S3 by DuckDB's httpfs."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import duckdb
import duckdb_extension_httpfs

from relevo_sql.locked import connect
from relevo_sql.quoting import literal


class Objects(Protocol):
    """A place of objects."""

    @property
    def address(self) -> str:
        """What errors call it."""

    @property
    def prefix(self) -> str:
        """What stands before a key in an object's address."""

    def open(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB, not locked yet, that can read these addresses."""


@dataclass(frozen=True)
class Store:
    """An S3 server, what opens it, and our bucket in it."""

    endpoint_url: str
    access_key: str
    secret_key: str
    bucket: str = "batches"

    @property
    def address(self) -> str:
        return self.endpoint_url

    @property
    def prefix(self) -> str:
        return f"s3://{self.bucket}/"

    def open(self) -> duckdb.DuckDBPyConnection:
        connection = connect()
        # From its wheel, where it lies: nothing is fetched, nor put into the home folder.
        folder = Path(str(files(duckdb_extension_httpfs))) / "extensions"
        extension = folder / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
        connection.load_extension(str(extension))
        url = urlsplit(self.endpoint_url)
        tls = "true" if url.scheme == "https" else "false"
        connection.execute(
            f"CREATE SECRET (TYPE s3, KEY_ID {literal(self.access_key)},"
            f" SECRET {literal(self.secret_key)}, ENDPOINT {literal(url.netloc)},"
            f" URL_STYLE 'path', USE_SSL {tls}, REGION 'us-east-1')"
        )
        for setting in (
            "http_timeout = 10",
            "http_retries = 2",
            "parquet_metadata_cache = true",  # an object's name is its hash
        ):
            connection.execute(f"SET {setting}")
        return connection

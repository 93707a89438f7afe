"""What the console and its query program say to each other: one line of JSON each way."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Form = Literal["table", "csv", "parquet", "json"]

TABLE_SECONDS = 30.0
FILE_SECONDS = 120.0
MEMORY = "256MB"
MOST_FILE_BYTES = 128_000_000
"""Of an answer; /tmp may be memory, and a larger one is for `relevo sql --format`."""


class Line(BaseModel):
    """One line, either way."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Opening(Line):
    """Where the data is: the program's first line, by a pipe as it has secrets."""

    catalog_url: str
    endpoint_url: str
    access_key: str
    secret_key: str
    bucket: str
    datasets: tuple[str, ...]


class Question(Line):
    """A statement, or None: what there is to be asked. Its answer is written into `path`.

    dataset: whose views are meant without a schema's name; "": the first.
    """

    sql: str | None = None
    dataset: str = ""
    form: Form = "table"
    path: str

    @property
    def seconds(self) -> float:
        """How long it may take, reading included."""
        return TABLE_SECONDS if self.form == "table" else FILE_SECONDS


class Reply(Line):
    """How it ended; reason: in words, unless it is done."""

    outcome: Literal["done", "refused", "away"]
    reason: str = ""

"""What is sent to a pod, and how its answer is read; pure."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx

from relevo_client.problems import ProblemError

T = TypeVar("T")
Row = Mapping[str, Any]

JSON = "application/json"
ARROW = "application/vnd.apache.arrow.stream"
FILES = {
    ".csv": "text/csv",
    ".json": JSON,
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".arrow": ARROW,
    ".arrows": ARROW,
    ".parquet": "application/vnd.apache.parquet",
}
"""Media types by a file's ending."""


@dataclass(frozen=True)
class Answers:
    """The answers to many rows.

    predictions: of the rows that fit, each with its `row` (its place, from 0) and, if it
    had one, its `id`. errors: what is wrong with the others.
    """

    predictions: list[dict[str, Any]]
    errors: list[dict[str, Any]]
    errors_total: int
    model_name: str
    model_version: str
    timestamp: str

    @property
    def by_id(self) -> dict[Any, dict[str, Any]]:
        """The predictions by the ids of their rows."""
        return {each["id"]: each for each in self.predictions if "id" in each}


@dataclass(frozen=True)
class Question(Generic[T]):
    """A request, and what reads the answer to it."""

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def request(self) -> dict[str, Any]:
        """For httpx."""
        return {
            "method": self.method,
            "url": self.path,
            "params": self.parameters,
            "content": self.content,
            "headers": self.headers,
        }

    def answer(self, response: httpx.Response) -> T:
        """What the response says; raises ProblemError for a refusal."""
        if not response.is_success:
            raise ProblemError(response)
        return self.read(response)


def about(path: str) -> Question[Any]:
    """What a pod tells of itself."""
    return Question("GET", path, httpx.Response.json)


def about_model(model: str | None) -> Question[Any]:
    """What a pod tells of a model, of the default one if none is named."""
    return about("/model-info" if model is None else f"/models/{quote(model, safe='')}")


def of_row(row: Row, model: str | None) -> Question[dict[str, Any]]:
    """One row."""
    path = "/predict" if model is None else f"/models/{quote(model, safe='')}/predict"
    headers = {"content-type": JSON}
    return Question("POST", path, httpx.Response.json, _json(row), headers)


def of_rows(rows: Iterable[Row], model: str | None, *, strict: bool) -> Question[Answers]:
    """Many rows."""
    return _batch(_json(list(rows)), JSON, model, strict=strict)


def of_file(file: str | Path, model: str | None, *, strict: bool) -> Question[Answers]:
    """The rows of a file, whose ending says what it is; raises ValueError for others."""
    path = Path(file)
    if path.suffix.lower() not in FILES:
        raise ValueError(f"{path} must end in one of {', '.join(FILES)}")
    kind = FILES[path.suffix.lower()]
    return _batch(path.read_bytes(), kind, model, strict=strict)


def of_stream(
    content: bytes, model: str | None, read: Callable[[bytes], T], *, strict: bool
) -> Question[T]:
    """The rows of an Arrow stream, answered as one."""
    headers = {"content-type": ARROW, "accept": ARROW}
    return Question(
        "POST",
        "/predict_batch",
        lambda response: read(response.content),
        content,
        headers,
        _parameters(model, strict=strict),
    )


def _batch(
    content: bytes, kind: str, model: str | None, *, strict: bool
) -> Question[Answers]:
    headers = {"content-type": kind, "accept": JSON}
    return Question(
        "POST",
        "/predict_batch",
        lambda response: Answers(**response.json()),
        content,
        headers,
        _parameters(model, strict=strict),
    )


def _parameters(model: str | None, *, strict: bool) -> dict[str, str]:
    named = {} if model is None else {"model_name": model}
    return named | ({"strict": "true"} if strict else {})


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> Any:
    """A number of numpy's as one of Python's: rows of a DataFrame have them."""
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{value!r:.80} is no value of JSON")

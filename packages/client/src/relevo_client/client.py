"""A pod, asked one question after the other."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx

from relevo_client import questions, tables
from relevo_client.patience import Patience
from relevo_client.questions import Answers, Question, Row

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

T = TypeVar("T")


class Client:
    """Asks a pod; its methods raise ProblemError for what is refused.

    model: who answers; None: the pod's default. timeout: seconds for one attempt.
    attempts: how often a question is asked while the pod is away or has too much to do.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30,
        attempts: int = 4,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.model = model
        self._patience = Patience(attempts)
        self._http = httpx.Client(
            base_url=url, headers=headers, timeout=timeout, transport=transport
        )

    def predict(self, row: Row) -> dict[str, Any]:
        """The answer to one row."""
        return self._ask(questions.of_row(row, self.model))

    def predict_rows(self, rows: Iterable[Row], *, strict: bool = False) -> Answers:
        """The answers to many; strict: a row that does not fit refuses all."""
        return self._ask(questions.of_rows(rows, self.model, strict=strict))

    def predict_file(self, file: str | Path, *, strict: bool = False) -> Answers:
        """The answers to the rows of a file: CSV, JSON, NDJSON, Arrow or Parquet."""
        return self._ask(questions.of_file(file, self.model, strict=strict))

    def predict_table(
        self, table: "pa.Table", *, id: str | None = None, strict: bool = False
    ) -> "pa.Table":
        """The table with the answers as columns beside it, `error` for rows without one.

        id: a column that is no feature and names each row; by it they are joined. The
        table may be longer than what a pod takes at once.
        """
        answers = [
            self._ask(
                questions.of_stream(stream, self.model, tables.read_stream, strict=strict)
            )
            for stream in tables.streams(table, id)
        ]
        return tables.beside(table, answers, id)

    def predict_frame(
        self, frame: "pd.DataFrame", *, id: str | None = None, strict: bool = False
    ) -> "pd.DataFrame":
        """The frame with the answers beside it; otherwise as `predict_table`."""
        table = self.predict_table(tables.of_frame(frame), id=id, strict=strict)
        return tables.frame_of(table, like=frame)

    def models(self) -> list[dict[str, Any]]:
        """The models that the pod answers for, the default first."""
        return list(self._ask(questions.about("/models"))["models"])

    def model_info(self) -> dict[str, Any]:
        """What the model takes, how good it is, whence it came."""
        return dict(self._ask(questions.about_model(self.model)))

    def close(self) -> None:
        """Give up the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, question: Question[T]) -> T:
        attempt = 1
        while True:
            try:
                response = self._http.request(**question.request)
            except httpx.TransportError:
                pause = self._patience.after(attempt, None)
                if pause is None:
                    raise
            else:
                pause = self._patience.after(attempt, response)
                if pause is None:
                    return question.answer(response)
            time.sleep(pause)
            attempt += 1

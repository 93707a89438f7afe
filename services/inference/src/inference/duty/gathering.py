"""The predictions of parts become those of the whole; pure."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from inference.duty.predicting import Predictions
from relevo_bundles import RowError
from relevo_bundles.tables import MAX_ERRORS


class Gathered:
    """What was predicted so far, of `rows` that were sent."""

    def __init__(self) -> None:
        self.rows = 0
        self._parts: list[Predictions] = []
        self._sizes: list[int] = []
        self._errors = 0

    @property
    def errors_left(self) -> int:
        """So many may still be told."""
        return MAX_ERRORS - self._errors

    def add(
        self,
        part: Predictions,
        *,
        rows: int,
        places: Sequence[int] | None = None,
        ragged: Sequence[RowError] = (),
    ) -> None:
        """Add the answers to the next rows; `ragged`: errors of those without any.

        places: of the rows that have answers, among these rows; None: all.
        """
        if places is not None:
            part = _placed(part, places, ragged, rows)
        if self.rows:
            told = [replace(error, row=error.row + self.rows) for error in part.errors]
            part = replace(part, rows=part.rows + self.rows, errors=told)
        part = replace(part, errors=part.errors[: self.errors_left])
        self._parts.append(part)
        self._sizes.append(rows)
        self._errors += len(part.errors)
        self.rows += rows

    def whole(self) -> Predictions:
        """All of them; there is one part at least."""
        if len(self._parts) == 1:
            return self._parts[0]
        return Predictions(
            rows=np.concatenate([part.rows for part in self._parts]),
            answers=np.concatenate([part.answers for part in self._parts]),
            errors=[error for part in self._parts for error in part.errors],
            errors_total=sum(part.errors_total for part in self._parts),
            unseen=self._unseen(),
            ids=self._ids(),
        )

    def _unseen(self) -> dict[str, NDArray[np.bool_]]:
        names = dict.fromkeys(name for part in self._parts for name in part.unseen)
        return {
            name: np.concatenate(
                [
                    part.unseen.get(name, np.zeros(len(part.rows), np.bool_))
                    for part in self._parts
                ]
            )
            for name in names
        }

    def _ids(self) -> list[JsonValue] | None:
        if all(part.ids is None for part in self._parts):
            return None
        ids: list[JsonValue] = []
        for part, size in zip(self._parts, self._sizes, strict=True):
            ids += [None] * size if part.ids is None else part.ids
        return ids


def _placed(
    part: Predictions, places: Sequence[int], ragged: Sequence[RowError], rows: int
) -> Predictions:
    """The same by the places of the rows as they were sent."""
    told = [replace(error, row=places[error.row]) for error in part.errors]
    ids: list[JsonValue] | None = None
    if part.ids is not None:
        named = dict(zip(places, part.ids, strict=True))
        ids = [named.get(row) for row in range(rows)]
    return replace(
        part,
        rows=np.array(places, np.intp)[part.rows],
        errors=sorted([*told, *ragged], key=lambda error: error.row),
        errors_total=part.errors_total + len(ragged),
        ids=ids,
    )

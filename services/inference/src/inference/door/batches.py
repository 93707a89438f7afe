"""Many rows in one request: a body of any form, answered in any form.

For a thread: 15,000 rows take tens of milliseconds.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from starlette.responses import Response

from inference import metrics
from inference.door.answers import measure, write_batch
from inference.duty.predicting import Predictions, ServingModel
from inference.tables.arrow_tables import read_arrow
from inference.tables.bodies import as_columns, as_rows, parse
from inference.tables.csv_tables import CsvTable, read_csv
from inference.tables.formats import Format
from inference.tables.problems import invalid_batch, invalid_columns
from relevo_bundles import FieldError
from relevo_bundles.columns import Column
from relevo_features import shown

Named = tuple[str, Column]


@dataclass(frozen=True)
class Batch:
    """What was sent, and how it is to be answered; strict: as a whole or not at all."""

    body: bytes
    form: Format
    wanted: Format
    strict: bool


def answer_batch(model: ServingModel, batch: Batch, *, max_rows: int) -> Response:
    """The answers to the rows that fit, and what is wrong with the others.

    Raises Problem when the body is no batch of rows, and for a strict one with errors.
    """
    answers, rows = predict(model, batch, max_rows=max_rows)
    metrics.REFUSED_ROWS.labels(model.name).inc(rows - len(answers.rows))
    if batch.strict and answers.errors:
        raise invalid_batch(answers.errors, answers.errors_total)
    unseen = {name: int(marks.sum()) for name, marks in answers.unseen.items()}
    measure(model, answers.answers, unseen)
    return write_batch(model, answers, rows=rows, form=batch.wanted)


def predict(model: ServingModel, batch: Batch, *, max_rows: int) -> tuple[Predictions, int]:
    """The predictions, and the number of rows that were sent."""
    match batch.form:
        case Format.JSON:
            value = parse(batch.body)
            if isinstance(value, dict):
                columns, rows = as_columns(value, max_rows=max_rows)
                return of_columns(model, columns.items(), rows=rows), rows
            many = as_rows(value, max_rows=max_rows)
            return model.predict_rows(many), len(many)
        case Format.CSV:
            return of_csv(model, read_csv(batch.body, max_rows=max_rows))
        case Format.ARROW:
            named, rows = read_arrow(batch.body, max_rows=max_rows)
            return of_columns(model, named, rows=rows), rows


def of_columns(model: ServingModel, named: Iterable[Named], *, rows: int) -> Predictions:
    """The predictions; a wrong name is told once, not once per row.

    Raises Problem 422 for columns that the model lacks or does not know.
    """
    columns = list(named)
    times = Counter(name for name, _ in columns)
    wrong = [
        FieldError(shown(name), "has two columns") for name in times if times[name] > 1
    ]
    if wrong := wrong + (model.wrong_columns(times) if rows else []):
        raise invalid_columns(wrong)
    return model.predict_columns(dict(columns), rows=rows)


def of_csv(model: ServingModel, table: CsvTable) -> tuple[Predictions, int]:
    """The predictions of a CSV's whole lines, and its number of rows."""
    answers = of_columns(model, table.columns, rows=len(table.places))
    if not table.ragged:
        return answers, table.rows
    errors = [replace(error, row=table.places[error.row]) for error in answers.errors]
    ids = None
    if answers.ids is not None:
        named = dict(zip(table.places, answers.ids, strict=True))
        ids = [named.get(row) for row in range(table.rows)]
    merged = replace(
        answers,
        rows=np.array(table.places, np.intp)[answers.rows],
        errors=sorted(errors + table.ragged, key=lambda error: error.row),
        errors_total=answers.errors_total + len(table.ragged),
        ids=ids,
    )
    return merged, table.rows

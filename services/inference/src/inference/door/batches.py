"""Many rows in one request: a body of any form, answered in any form.

For a thread: 15,000 rows take tens of milliseconds.
"""

from collections.abc import Mapping
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
from inference.tables.source_tables import as_requested
from relevo_bundles.columns import Column


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
    metrics.REFUSED_ROWS.inc(rows - len(answers.rows))
    if batch.strict and answers.errors:
        raise invalid_batch(answers.errors, answers.errors_total)
    measure(model, int(answers.predictions.sum()), len(answers.rows), answers.unseen)
    return write_batch(model, answers, rows=rows, form=batch.wanted)


def predict(model: ServingModel, batch: Batch, *, max_rows: int) -> tuple[Predictions, int]:
    """The predictions, and the number of rows that were sent."""
    match batch.form:
        case Format.JSON:
            value = parse(batch.body)
            if isinstance(value, dict):
                columns, rows = as_columns(value, max_rows=max_rows)
                return of_columns(model, columns, rows=rows), rows
            many = as_rows(value, max_rows=max_rows)
            return model.predict_rows(many), len(many)
        case Format.CSV:
            return of_csv(model, read_csv(batch.body, max_rows=max_rows))
        case Format.ARROW:
            named, rows = read_arrow(batch.body, max_rows=max_rows)
            clean = as_requested(model.manifest, named)
            return of_columns(model, clean, rows=rows), rows


def of_columns(
    model: ServingModel, columns: Mapping[str, Column], *, rows: int
) -> Predictions:
    """The predictions; a wrong name is told once, not once per row.

    Raises Problem 422 for columns that the model lacks or does not know.
    """
    if rows:
        # a row of nulls has all that is wrong with the names
        checked = model.predict(dict.fromkeys(columns))
        known = {feature.name for feature in model.manifest.features} & columns.keys()
        errors = checked if isinstance(checked, list) else []
        if wrong := [replace(e, value=None) for e in errors if e.field not in known]:
            raise invalid_columns(wrong)
    return model.predict_columns(columns, rows=rows)


def of_csv(model: ServingModel, table: CsvTable) -> tuple[Predictions, int]:
    """The predictions of a CSV's whole lines, and its number of rows."""
    columns = as_requested(model.manifest, table.columns)
    answers = of_columns(model, columns, rows=len(table.places))
    if not table.ragged:
        return answers, table.rows
    errors = [replace(error, row=table.places[error.row]) for error in answers.errors]
    merged = replace(
        answers,
        rows=np.array(table.places, np.intp)[answers.rows],
        errors=sorted(errors + table.ragged, key=lambda error: error.row),
        errors_total=answers.errors_total + len(table.ragged),
    )
    return merged, table.rows

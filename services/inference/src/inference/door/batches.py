"""Many rows in one request: a body of any form, answered in any form.

For a thread: 15,000 rows take tens of milliseconds.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from inference import metrics
from inference.door.answers import measure, write_batch
from inference.duty.gathering import Gathered
from inference.duty.predicting import Predictions, ServingModel
from inference.tables.arrow_tables import read_arrow
from inference.tables.bodies import Limits
from inference.tables.csv_tables import read_csv
from inference.tables.formats import Format
from inference.tables.json_tables import read_json, read_lines
from inference.tables.parquet_tables import read_parquet
from inference.tables.parts import CheckNames, Part, Rows
from inference.tables.problems import invalid_batch, invalid_columns
from relevo_bundles import FieldError
from relevo_features import shown


@dataclass(frozen=True)
class Batch:
    """What was sent, and how it is to be answered; strict: as a whole or not at all."""

    body: bytes
    form: Format
    wanted: Format
    strict: bool


def answer_batch(model: ServingModel, batch: Batch, *, limits: Limits) -> Response:
    """The answers to the rows that fit, and what is wrong with the others.

    Raises Problem when the body is no batch of rows, and for a strict one with errors.
    """
    answers, rows = predict(model, batch, limits=limits)
    judge(model, answers, rows=rows, strict=batch.strict)
    return write_batch(model, answers, rows=rows, form=batch.wanted)


def judge(model: ServingModel, answers: Predictions, *, rows: int, strict: bool) -> None:
    """Count what was answered and refused; raises Problem 422 if strict, for any error."""
    metrics.REFUSED_ROWS.labels(model.name).inc(rows - len(answers.rows))
    if strict and answers.errors:
        raise invalid_batch(answers.errors, answers.errors_total)
    unseen = {name: int(marks.sum()) for name, marks in answers.unseen.items()}
    measure(model, answers.answers, unseen)


def predict(
    model: ServingModel, batch: Batch, *, limits: Limits
) -> tuple[Predictions, int]:
    """The predictions, and the number of rows that were sent."""
    return predict_parts(model, parts_of(batch, limits, names_check(model)))


def predict_parts(model: ServingModel, parts: Iterable[Part]) -> tuple[Predictions, int]:
    """The predictions for rows that come some at a time, and how many came."""
    gathered = Gathered()
    for part in parts:
        most = gathered.errors_left
        if isinstance(part, Rows):
            answers = model.predict_rows(part.values, most_errors=most)
            gathered.add(answers, rows=len(part.values))
        else:
            fitting = part.rows if part.places is None else len(part.places)
            answers = model.predict_columns(part.columns, rows=fitting, most_errors=most)
            gathered.add(answers, rows=part.rows, places=part.places, ragged=part.ragged)
    return gathered.whole(), gathered.rows


def parts_of(batch: Batch, limits: Limits, check: CheckNames) -> Iterator[Part]:
    """The rows of a body, some at a time; one part at least."""
    rows = limits.rows
    match batch.form:
        case Format.JSON:
            return read_json(batch.body, max_rows=rows, check=check)
        case Format.LINES:
            return read_lines(batch.body, max_rows=rows, check=check)
        case Format.CSV:
            return read_csv(batch.body, max_rows=rows, check=check)
        case Format.ARROW:
            return read_arrow(batch.body, max_rows=rows, check=check)
        case Format.PARQUET:
            most = limits.body_bytes
            return read_parquet(batch.body, max_rows=rows, max_bytes=most, check=check)


def names_check(model: ServingModel) -> CheckNames:
    """What raises Problem 422 for names that the model lacks or does not know.

    A wrong name of a column is told once, not once per row. Of the names of a first row
    one at least is to be known: what else is wrong with it sinks no other row.
    """

    def check(names: Sequence[str], are_all: bool) -> None:
        if not are_all and model.knows_any(names):
            return
        times = Counter(names)
        twice = [name for name in times if times[name] > 1]
        wrong = [FieldError(shown(name), "has two columns") for name in twice]
        if wrong := wrong + model.wrong_columns(times):
            raise invalid_columns(wrong)

    return check

"""A pod's /invocations answers as `mlflow models serve` of the same version does."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from inference.duty.predicting import Prediction
from inference.peers.mlflow import invoke
from inference.tables.bodies import Limits
from inference.tables.formats import Format
from inference.tables.problems import Problem
from tests.meaning.learned import Learned

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType"),
]
Row = dict[str, Any]
ROWS = 20
LIMITS = Limits(body_bytes=2**23, body_seconds=30, rows=1000)


def by_column(rows: list[Row]) -> Row:
    return {name: [row[name] for row in rows] for name in rows[0]}


def split(rows: list[Row]) -> Row:
    return {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}


FORMS: dict[str, Callable[[list[Row]], Row]] = {
    "split": lambda rows: {"dataframe_split": split(rows)},
    "records": lambda rows: {"dataframe_records": rows},
    "instances": lambda rows: {"instances": rows},
    "columns of instances": lambda rows: {"instances": by_column(rows)},
    "inputs": lambda rows: {"inputs": rows},
    "columns of inputs": lambda rows: {"inputs": by_column(rows)},
    "params": lambda rows: {"params": {"a": 1}, "inputs": rows},
}


def by_pod(model: Learned, body: str) -> Row:
    answer = invoke(model.serving, body.encode(), form=Format.JSON, limits=LIMITS)
    told: Row = json.loads(bytes(answer.body))
    return told


def by_mlflow(model: Learned, body: str) -> Row:
    from mlflow.pyfunc import scoring_server

    schema = model.registered.metadata.get_input_schema()  # type: ignore[no-untyped-call]
    answer = scoring_server.invocations(  # type: ignore[no-untyped-call]
        body, "application/json", model.registered, schema
    )
    assert answer.status == 200, answer.response
    told: Row = json.loads(answer.response)
    return told


@pytest.mark.parametrize("name", ["diabetes130", "pima", "covertype"])
@pytest.mark.parametrize("form", FORMS)
def test_rows_of_the_source_are_answered_as_mlflow_answers_them(
    model_of: Callable[[str], Learned], name: str, form: str
) -> None:
    model = model_of(name)
    source: Any = model.raw.head(2 * ROWS).to_dict("records")
    rows = [row for row in source if isinstance(model.serving.predict(row), Prediction)]
    rows = rows[:ROWS]
    body = json.dumps(FORMS[form](rows))

    answers = by_pod(model, body)["predictions"]

    expected = by_mlflow(model, body)["predictions"]
    assert len(answers) == len(expected) == ROWS
    for answer, known in zip(answers, expected, strict=True):
        assert answer == pytest.approx(known, rel=1e-9, abs=1e-12)


def test_one_row_need_not_be_a_list(model_of: Callable[[str], Learned]) -> None:
    model = model_of("pima")
    body = json.dumps({"inputs": model.dataset.example})

    [answer] = by_pod(model, body)["predictions"]

    assert answer == pytest.approx(by_mlflow(model, body)["predictions"][0], rel=1e-9)


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_records": {}},
        {"rows": []},
        {"inputs": [], "instances": []},
        [],
        {"instances": [[1, 2]]},
    ],
    ids=str,
)
def test_what_mlflow_refuses_is_refused(
    model_of: Callable[[str], Learned], body: Any
) -> None:
    from mlflow.exceptions import MlflowException

    model = model_of("pima")

    with pytest.raises(Problem):
        by_pod(model, json.dumps(body))

    with pytest.raises(MlflowException):
        by_mlflow(model, json.dumps(body))

"""A linear model has a weight for each code and each output, or is refused."""

from typing import Any

import numpy as np
import pytest

from relevo_bundles.encoding import Row
from relevo_bundles.linear import LinearModel
from relevo_contracts import PoisonError
from relevo_contracts.manifest import Input, Linear, LinearTerm, Lookup, Quantity

NAN = float("nan")
INPUTS = (
    Input(name="dose", feature="dose", encoding=Quantity()),
    Input(name="word", feature="word", encoding=Lookup(codes={"a": 0, "b": 1})),
)
NUMBER = LinearTerm(input="dose", weight=(2, -1), mean=1, scale=2, fill=5)
CODE = LinearTerm(input="word", weights=((1, 10), (2, 20)), absent=(3, 30))


def model(*terms: LinearTerm, **facts: Any) -> LinearModel:
    told = {"intercept": (100, 200), "link": "identity", **facts}
    return LinearModel(Linear(terms=terms, **told), INPUTS)


def test_each_output_has_weights_of_its_own() -> None:
    two = model(NUMBER, CODE)
    rows: list[Row] = [[3.0, 0.0], [3.0, 1.0], [None, None]]
    expected = [[103, 209], [104, 219], [107, 228]]

    assert [list(two.numbers(row)) for row in rows] == expected
    assert two.answers(np.array(rows, np.float64)).tolist() == expected


def test_a_model_without_terms_answers_its_intercept() -> None:
    assert list(model().numbers([1.0, NAN])) == [100, 200]
    alone = model(intercept=(0,), link="logistic")
    assert alone.number([1.0, NAN]) == 0.5
    assert alone.numbers([1.0, NAN]) == [0.5]


@pytest.mark.parametrize(
    ("term", "change", "reason"),
    [
        (NUMBER, {"input": "other"}, "a term weighs 'other', which is no input"),
        (NUMBER, {"weight": (1,)}, "a term of 'dose' has not a weight for each output"),
        (CODE, {"weights": ((1, 2), (3,))}, "'word' has not a weight for each output"),
        (CODE, {"absent": (1,)}, "a term of 'word' has not a weight for each output"),
        (CODE, {"input": "dose"}, "a term weighs codes of 'dose', which has none"),
        (CODE, {"weights": ((1, 2),)}, "a code of 'word' has no weight: there are 1"),
        (CODE, {"shares": (0.5, 0.5)}, "the shares of 'word' are not those of its codes"),
    ],
)
def test_a_term_that_lacks_a_weight_or_an_input_is_refused(
    term: LinearTerm, change: dict[str, object], reason: str
) -> None:
    with pytest.raises(PoisonError, match=reason):
        model(term.model_copy(update=change))


def test_the_shares_of_codes_end_with_that_of_no_code() -> None:
    term = CODE.model_copy(update={"shares": (0.5, 0.25, 0.25)})

    assert list(model(term).numbers([0.0, 1.0])) == [102, 220]

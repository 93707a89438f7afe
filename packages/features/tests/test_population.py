"""Rows that are outside of the task are told apart, with the reason in words."""

from relevo_contracts.manifest import Outside
from relevo_features import Population

DIED = Outside(feature="disposition", words=("11", "19"), reason="died")
HOSPICE = Outside(feature="disposition", words=("13",), reason="went to a hospice")
CHILD = Outside(feature="is_child", words=("true",), reason="is a child")


def test_a_row_with_such_a_word_is_outside_for_that_reason() -> None:
    population = Population([DIED, HOSPICE, CHILD])

    assert population.objection({"disposition": "19"}) == ("disposition", "died")
    assert population.objection({"disposition": "13"}) == (
        "disposition",
        "went to a hospice",
    )
    assert population.objection({"disposition": "1", "is_child": True}) == (
        "is_child",
        "is a child",
    )


def test_all_other_rows_and_missing_values_are_inside() -> None:
    population = Population([DIED, CHILD])

    assert population.objection({"disposition": None, "is_child": False}) is None
    assert population.objection({}) is None
    assert Population([]).objection({"disposition": "19"}) is None


def test_a_number_is_outside_however_it_is_written() -> None:
    population = Population([Outside(feature="age", words=("0",), reason="is not born")])

    assert population.reason("age", 0) == population.reason("age", 0.0) == "is not born"
    assert population.reason("age", 1) is None

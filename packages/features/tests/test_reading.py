"""What is missing, known, unknown and closed means the same for every kind."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from relevo_contracts.features import Feature
from relevo_features import KINDS, NO_VALUE, UNKNOWN_WORD, Reader, Unfit

Readers = Callable[..., Reader]

WORDS = ("Female", "Male", "Unknown")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [None, math.nan, "", "  ", "?", " ? ", "NA"])
def test_every_spelling_of_missing_is_null_where_null_is_taken(
    reader: Readers, kind: str, value: JsonValue
) -> None:
    assert reader(kind, nullable=True, missing=("?", "NA")).read(value) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_value_is_refused_where_the_feature_needs_one(
    reader: Readers, kind: str
) -> None:
    for value in (None, math.nan, "?"):
        with pytest.raises(Unfit, match=NO_VALUE):
            reader(kind, missing=("?",)).read(value)


@pytest.mark.parametrize("kind", ["integer", "number"])
@pytest.mark.parametrize("value", [0, 0.0, -0.0, "0", "0.0", " 00 ", "0e5"])
def test_a_number_that_means_missing_is_missing_however_it_is_written(
    reader: Readers, kind: str, value: JsonValue
) -> None:
    insulin = reader(kind, nullable=True, missing=("0",), minimum=1)

    assert insulin.read(value) is None
    assert insulin.missing_numbers == {0.0}


@pytest.mark.parametrize("kind", ["identifier", "boolean", "category", "code"])
@pytest.mark.parametrize("value", ["9", 9, 9.0])
def test_a_number_may_mean_missing_where_words_are_read(
    reader: Readers, kind: str, value: JsonValue
) -> None:
    assert reader(kind, nullable=True, missing=("9",)).read(value) is None


def test_an_id_that_means_missing_is_missing_however_it_is_written(
    reader: Readers,
) -> None:
    source = reader("identifier", nullable=True, missing=("17",), categories=("1",))

    assert [source.read(each) for each in (17, "17.0", "017")] == [None] * 3


def test_true_and_false_are_no_numbers_that_mean_missing(reader: Readers) -> None:
    flag = reader("boolean", nullable=True, missing=("0", "1"))

    assert [flag.read(False), flag.read(True), flag.read(0)] == [False, True, None]
    with pytest.raises(Unfit, match="is not a number"):
        reader("number", nullable=True, missing=("0", "1")).read(True)


def test_a_missing_value_may_stand_for_a_word(reader: Readers) -> None:
    result = reader("category", null_means="None", categories=("None", ">7"), closed=True)

    assert [result.read(each) for each in (None, "", math.nan, "None")] == ["None"] * 4
    assert reader("integer", null_means="0").read(None) == 0
    assert reader("boolean", null_means="false").read("") is False


def test_a_feature_that_may_be_left_out_has_its_default_when_missing(
    reader: Readers,
) -> None:
    drug = reader("category", required=False, default="No", categories=("No", "Up"))

    assert [drug.read(None), drug.read(""), drug.when_absent()] == ["No"] * 3
    assert reader("integer", required=False, default=3).default == 3
    assert reader("category", required=False, nullable=True).when_absent() is None
    with pytest.raises(Unfit, match="is required"):
        reader("category").when_absent()


def test_null_means_goes_before_null_and_null_before_the_default(reader: Readers) -> None:
    said = {"required": False, "default": "d", "nullable": True}

    assert reader("category", **said).read(None) is None
    assert reader("category", **said, null_means="n").read(None) == "n"
    assert reader("category", **said).when_absent() == "d"


def test_an_open_set_answers_an_unknown_word_and_says_so(reader: Readers) -> None:
    race = reader("category", categories=WORDS, nullable=True)

    assert race.read("Martian") == "Martian"
    assert race.is_unseen("Martian")
    assert not race.is_unseen("Male")
    assert not race.is_unseen(None)
    assert not reader("category").is_unseen("anything")


def test_a_closed_set_refuses_an_unknown_word_with_the_nearest(reader: Readers) -> None:
    gender = reader("category", categories=WORDS, closed=True)

    with pytest.raises(Unfit, match=UNKNOWN_WORD):
        gender.read("female")
    assert gender.nearest("female ") == "Female"
    assert gender.nearest("FEMAL") == "Female"
    assert gender.nearest("xyz") is None
    assert gender.advice("MALE", UNKNOWN_WORD) == f"{UNKNOWN_WORD}; did you mean 'Male'?"
    assert gender.advice("MALE", NO_VALUE) == NO_VALUE


def test_a_closed_set_of_ids_refuses_an_unknown_one(reader: Readers) -> None:
    kind = reader("identifier", categories=("1", "2"), closed=True)

    assert kind.read("02") == "2"
    with pytest.raises(Unfit, match=UNKNOWN_WORD):
        kind.read(3)


def test_what_the_declaration_says_itself_is_known(reader: Readers) -> None:
    drug = reader("category", categories=("Up",), default="No", null_means="None")

    assert not drug.is_unseen("No")
    assert not drug.is_unseen("None")


@pytest.mark.parametrize(
    "said",
    [{"default": 15}, {"default": "two"}, {"null_means": "x"}, {"null_means": "0"}],
)
def test_a_feature_whose_own_words_do_not_fit_it_is_refused(
    reader: Readers, said: dict[str, Any]
) -> None:
    with pytest.raises(Unfit):
        reader("integer", minimum=1, maximum=14, **said)


def test_many_values_are_read_as_one_by_one_and_what_is_unfit_is_placed(
    reader: Readers,
) -> None:
    clean, unfit, missing = reader("integer", minimum=0).read_all([1, "2", "x", None, -1])

    assert clean == [1, 2, None, None, None]
    assert unfit == {2: "is not a whole number", 3: NO_VALUE, 4: "is out of range"}
    assert missing == {3}


def test_a_value_is_missing_although_a_default_stands_for_it_but_not_as_a_word(
    reader: Readers,
) -> None:
    by_default = reader("integer", required=False, default=7).read_all([1, None, ""])
    as_word = reader("category", categories=("None", "a"), null_means="None")

    assert by_default == ([1, 7, 7], {}, {1, 2})
    assert as_word.read_all(["a", None]) == (["a", "None"], {}, set())


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["0", "0.0", "-1", "1e3", "?", " NA", "Yes", "true", "a", "007", "A"]),
    st.lists(st.integers(), max_size=2),
)


@settings(database=None, derandomize=True, deadline=None)
@given(
    value=ANYTHING,
    kind=st.sampled_from(list(KINDS)),
    nullable=st.booleans(),
    closed=st.booleans(),
)
def test_whatever_comes_is_clean_or_unfit_and_what_is_clean_stays_so(
    value: JsonValue, kind: str, nullable: bool, closed: bool
) -> None:
    words = {"categories": ("0", "1000"), "closed": closed}
    facts = {"name": "x", "raw_name": "x", "description": "", "missing": ("?", "NA", "-1")}
    said = facts | {"kind": kind, "nullable": nullable, "truths": {"Yes": True}} | words
    reader = Reader(Feature.model_validate(said))
    try:
        clean = reader.read(value)
    except Unfit:
        return

    assert clean is None or isinstance(clean, str | int | float)
    again = reader.read(clean)
    assert (again, type(again)) == (clean, type(clean))
    assert reader.read(reader.kind.as_sent(clean)) == clean

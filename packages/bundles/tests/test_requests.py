"""A row is clean or refused with field, value, and what is allowed."""

import pytest
from pydantic import JsonValue

from relevo_bundles import CleanRow, FieldError, RequestSchema
from relevo_bundles.samples import FEATURES, ROW, sample_manifest

SCHEMA = RequestSchema(sample_manifest())


def errors(**changes: JsonValue) -> list[FieldError]:
    checked = SCHEMA.check(ROW | changes)
    assert isinstance(checked, list), checked
    return checked


def clean(row: dict[str, JsonValue]) -> CleanRow:
    checked = SCHEMA.check(row)
    assert isinstance(checked, CleanRow), checked
    return checked


def test_a_row_that_fits_is_clean_as_it_is() -> None:
    assert clean(ROW) == CleanRow(ROW | {"source_id": "7"}, unseen=())


def test_a_field_that_may_be_left_out_gets_its_default() -> None:
    row = {name: ROW[name] for name in ROW if name not in {"insulin", "dose"}}

    assert clean(row).values == ROW | {"insulin": "No", "dose": None, "source_id": "7"}


def test_a_whole_number_may_be_written_with_a_point() -> None:
    visits = clean(ROW | {"visits": 3.0}).values["visits"]

    assert (visits, type(visits)) == (3, int)


def test_null_is_a_value_where_the_feature_is_nullable() -> None:
    assert clean(ROW | {"diag_1": None}).values["diag_1"] is None


def test_a_category_that_nobody_knows_is_answered_and_told() -> None:
    checked = clean(ROW | {"age_bucket": "[100-110)", "source_id": 99})

    assert checked.unseen == ("age_bucket", "source_id")
    assert checked.values["age_bucket"] == "[100-110)"


@pytest.mark.parametrize(
    ("field", "value", "message", "shown", "allowed"),
    [
        ("visits", "three", "is not a whole number", "three", None),
        ("visits", 2.5, "is not a whole number", "2.5", "a whole number from 0 to 14"),
        ("visits", True, "is not a whole number", "true", "a whole number from 0 to 14"),
        ("visits", None, "has no value", "null", "a whole number from 0 to 14"),
        ("visits", " ", "has no value", " ", "a whole number from 0 to 14"),
        ("visits", 15, "is out of range", "15", "a whole number from 0 to 14"),
        ("visits", -1, "is out of range", "-1", "a whole number from 0 to 14"),
        (
            "visits",
            10**4000,
            "is out of range",
            "a number of more than 15 digits",
            "a whole number from 0 to 14",
        ),
        ("dose", float("inf"), "is out of range", "inf", "a number, 0 or more, or null"),
        ("dose", 10**400, "is out of range", "a number of more than 15 digits", None),
        ("change_med", "Yes", "is not true or false", "Yes", "true or false"),
        ("change_med", 1, "is not true or false", "1", "true or false"),
        ("insulin", True, "is not text", "true", "text: No, Steady, Up, Down"),
        ("insulin", ["Up"], "is not text", "an array", "text: No, Steady, Up, Down"),
        ("insulin", {"a": 1}, "is not text", "an object", "text: No, Steady, Up, Down"),
        ("insulin", "x" * 201, "is longer than 200 characters", "x" * 64 + "…", None),
        ("source_id", "7a", "is not a whole number", "7a", "a whole number: 1, 2, 7"),
        ("diag_1", "abc", "has another form", "abc", None),
        ("diag_1", "250.012", "has another form", "250.012", None),
        ("diag_1", "250\n1", "has another form", "250\n1", None),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_words(
    field: str, value: JsonValue, message: str, shown: str, allowed: str | None
) -> None:
    (error,) = errors(**{field: value})

    assert (error.field, error.message, error.value) == (field, message, shown)
    if allowed is not None:
        assert error.allowed == allowed
    assert error.allowed


def test_a_required_field_that_is_missing_is_named_with_what_it_takes() -> None:
    row = {name: ROW[name] for name in ROW if name != "age_bucket"}

    assert SCHEMA.check(row) == [
        FieldError("age_bucket", "is required", None, "text: [0-10), [10-20), [20-30)")
    ]


@pytest.mark.parametrize(
    ("unknown", "meant"),
    [
        ("Age", "age_bucket"),
        ("admission_sourceid", "source_id"),
        ("visit", "visits"),
        ("Insulin", "insulin"),
        ("age_buckets", "age_bucket"),
    ],
)
def test_an_unknown_field_is_refused_with_the_name_that_may_be_meant(
    unknown: str, meant: str
) -> None:
    (error,) = errors(**{unknown: 1})

    assert error.field == unknown
    assert error.message == f"is not a field of samples; did you mean `{meant}`?"


def test_an_unknown_field_like_no_other_is_refused_without_a_guess() -> None:
    (error,) = errors(zzzzzz=1)

    assert error.message == "is not a field of samples"


@pytest.mark.parametrize(
    ("field", "given", "means"),
    [
        ("visits", " 3 ", 3),
        ("visits", "3.0", 3),
        ("dose", "2.50", 2.5),
        ("dose", "", None),
        ("dose", float("nan"), None),
        ("source_id", "07", "7"),
        ("source_id", 7.0, "7"),
        ("change_med", "TRUE", True),
        ("insulin", " Up", "Up"),
    ],
)
def test_a_value_means_the_same_however_it_is_written(
    field: str, given: JsonValue, means: JsonValue
) -> None:
    assert clean(ROW | {field: given}).values[field] == means


def test_the_sources_own_names_are_understood() -> None:
    row = {"age" if name == "age_bucket" else name: ROW[name] for name in ROW}

    assert clean(row) == clean(ROW)


def test_a_name_that_comes_in_both_ways_is_refused() -> None:
    (error,) = errors(age="[0-10)")

    assert error.message == "comes twice: as `age_bucket` and as `age`"


def test_what_the_source_has_beside_the_features_is_left_out() -> None:
    manifest = sample_manifest().model_copy(update={"ignored": ("weight",)})
    checked = RequestSchema(manifest).check(ROW | {"weight": [1]})

    assert checked == clean(ROW)


def test_a_row_keeps_the_name_that_its_caller_or_its_source_gave_it() -> None:
    schema = RequestSchema(sample_manifest().model_copy(update={"row_id": "visit_nbr"}))

    for named in ({"id": "a-1"}, {"visit_nbr": 12}, {"id": None, "visit_nbr": "12"}):
        checked = schema.check(ROW | named)
        assert isinstance(checked, CleanRow)
        assert checked.id in named.values()
    both = schema.check(ROW | {"id": 1, "visit_nbr": 2})
    assert isinstance(both, CleanRow)
    assert both.id == 1


def test_a_name_that_no_answer_could_carry_is_refused() -> None:
    names: list[JsonValue] = [[1], {"a": 1}, "x" * 201]
    for name in names:
        (error,) = errors(id=name)
        assert (error.field, error.message) == ("id", "is no id")


def test_an_unknown_word_of_a_closed_set_is_refused_with_the_nearest() -> None:
    closed = FEATURES[3].model_copy(update={"closed": True})
    manifest = sample_manifest().model_copy(update={"features": (closed,)})
    checked = RequestSchema(manifest).check({"insulin": "steady"})

    assert isinstance(checked, list)
    assert checked[0].message == "is none of its words; did you mean 'Steady'?"


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = errors(visits="x", change_med="y", zzzzzz=None)

    assert [error.field for error in found] == ["zzzzzz", "visits", "change_med"]


def test_a_row_of_a_thousand_unknown_fields_gets_a_short_answer() -> None:
    found = errors(**{f"{n}" * 500: "v" * 10_000 for n in range(1000)})

    assert len(found) == 11
    assert found[-1].message == "and 990 more unknown fields"
    assert all(len(error.field) + len(error.value or "") < 200 for error in found)


def test_a_default_that_json_gave_back_as_a_fraction_is_a_whole_number_again() -> None:
    feature = FEATURES[1].model_copy(update={"required": False, "default": 1.0})
    manifest = sample_manifest().model_copy(update={"features": (feature,)})
    checked = RequestSchema(manifest).check({})

    assert isinstance(checked, CleanRow)
    assert type(checked.values["visits"]) is int

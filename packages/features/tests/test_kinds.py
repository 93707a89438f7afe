"""Each kind takes a value however it is written, and says in words what does not fit."""

import math
import time
from collections.abc import Callable
from typing import Any, get_args

import pytest
from pydantic import JsonValue

from relevo_contracts.features import Feature, Kind
from relevo_features import KINDS, MAX_TEXT, NO_VALUE, Reader, Unfit, kind_of, text_of

Readers = Callable[..., Reader]

TRUTHS = {"Yes": True, "Ch": True, "1": True, "No": False}


def refusal(reader: Reader, value: JsonValue) -> str:
    with pytest.raises(Unfit) as caught:
        reader.read(value)
    return str(caught.value)


def test_there_is_one_record_for_each_kind() -> None:
    assert set(KINDS) == set(get_args(Kind))
    assert all(name == kind.name for name, kind in KINDS.items())


@pytest.mark.parametrize(
    ("kind", "said", "value", "clean"),
    [
        ("integer", {}, 3, 3),
        ("integer", {}, 3.0, 3),
        ("integer", {}, "3", 3),
        ("integer", {}, " 3.0 ", 3),
        ("integer", {}, "+3", 3),
        ("integer", {}, "1e2", 100),
        ("integer", {}, -0.0, 0),
        ("number", {}, "33.6", 33.6),
        ("number", {}, ".5", 0.5),
        ("number", {}, "5.", 5.0),
        ("number", {}, "-1.5E-3", -0.0015),
        ("number", {}, 7, 7),
        ("boolean", {}, True, True),
        ("boolean", {}, "true", True),
        ("boolean", {}, "FALSE", False),
        ("boolean", {"truths": TRUTHS}, "Ch", True),
        ("boolean", {"truths": TRUTHS}, " No", False),
        ("boolean", {"truths": TRUTHS}, 1, True),
        ("boolean", {"truths": TRUTHS}, 1.0, True),
        ("category", {}, "Cache", "Cache"),
        ("category", {}, " Cache ", "Cache"),
        ("category", {}, 7, "7"),
        ("category", {}, 7.0, "7"),
        ("category", {}, "Ünï☃", "Ünï☃"),
        ("identifier", {}, 7, "7"),
        ("identifier", {}, 7.0, "7"),
        ("identifier", {}, "007", "7"),
        ("identifier", {}, "7.0", "7"),
        ("identifier", {}, "000", "0"),
        ("identifier", {}, "-0", "0"),
        ("identifier", {}, "-07", "-7"),
        ("code", {"pattern": "[0-9.]+"}, "250.01", "250.01"),
        ("code", {"pattern": "[0-9.]+"}, 250.01, "250.01"),
        ("code", {}, 428, "428"),
        ("code", {}, 428.0, "428"),
    ],
)
def test_a_value_is_read_however_it_is_written(
    reader: Readers, kind: str, said: dict[str, Any], value: JsonValue, clean: JsonValue
) -> None:
    read = reader(kind, **said).read(value)

    assert (read, type(read)) == (clean, type(clean))


@pytest.mark.parametrize(
    ("kind", "said", "value", "reason"),
    [
        ("integer", {}, 2.5, "is not a whole number"),
        ("integer", {}, "2.5", "is not a whole number"),
        ("integer", {}, "three", "is not a whole number"),
        ("integer", {}, True, "is not a whole number"),
        ("integer", {}, "nan", "is not a whole number"),
        ("integer", {}, "1,000", "is not a whole number"),
        ("integer", {}, "1_000", "is not a whole number"),
        ("integer", {}, "٣", "is not a whole number"),
        ("integer", {}, [3], "is not a whole number"),
        ("integer", {}, 2**53 + 1, "is out of range"),
        ("integer", {}, 10**400, "is out of range"),
        ("number", {}, True, "is not a number"),
        ("number", {}, "inf", "is not a number"),
        ("number", {}, math.inf, "is out of range"),
        ("number", {}, "-1e999", "is out of range"),
        ("number", {}, {"a": 1}, "is not a number"),
        ("number", {"minimum": 0, "maximum": 5}, 5.001, "is out of range"),
        ("number", {"minimum": 0, "maximum": 5}, "-0.001", "is out of range"),
        ("boolean", {}, 1, "is not true or false"),
        ("boolean", {}, "yes", "is not true or false"),
        ("boolean", {"truths": TRUTHS}, "yes", "is not true or false"),
        ("boolean", {}, [True], "is not text"),
        ("category", {}, True, "is not text"),
        ("category", {}, ["Cache"], "is not text"),
        ("category", {}, math.inf, "is not text"),
        ("category", {}, 10**400, "is out of range"),
        ("category", {}, "x" * (MAX_TEXT + 1), "is longer than 200 characters"),
        ("identifier", {}, 7.5, "is not a whole number"),
        ("identifier", {}, True, "is not a whole number"),
        ("identifier", {}, "seven", "is not a whole number"),
        ("identifier", {}, 2**53 + 1, "is out of range"),
        ("identifier", {}, "9" * 17, "is out of range"),
        ("code", {"pattern": "[0-9]+"}, "4x", "has another form"),
        ("code", {"pattern": "[0-9]+"}, "", NO_VALUE),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_words(
    reader: Readers, kind: str, said: dict[str, Any], value: JsonValue, reason: str
) -> None:
    assert refusal(reader(kind, **said), value) == reason


@pytest.mark.parametrize("kind", ["integer", "number", "category", "identifier", "code"])
def test_a_number_of_many_thousand_digits_is_refused(reader: Readers, kind: str) -> None:
    # Python refuses to write it as a text
    assert refusal(reader(kind), 10**5000) == "is out of range"


@pytest.mark.parametrize("edge", [20, 20.0, "20", 600])
def test_limits_belong_to_what_is_taken(reader: Readers, edge: JsonValue) -> None:
    assert reader("integer", minimum=20, maximum=600).read(edge) in (20, 600)


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("digit", "01")
def test_a_long_text_is_refused_at_once(reader: Readers, kind: str, digit: str) -> None:
    began = time.process_time()

    refusal(reader(kind, missing=("9",), pattern=None), digit * 1_000_000 + "x")

    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("kind", "said", "allowed"),
    [
        ("integer", {"minimum": 1, "maximum": 14}, "a whole number from 1 to 14"),
        ("number", {"minimum": 0}, "a number, 0 or more"),
        ("number", {"maximum": 9.5}, "a number, 9.5 or less"),
        ("number", {"nullable": True}, "a number, or null"),
        ("boolean", {}, "true or false"),
        ("category", {"categories": ("a", "b")}, "text: a, b"),
        ("category", {}, "text"),
        ("category", {"categories": tuple("abcdefghijklmnopqrstuvw")}, "t and 3 more"),
        ("identifier", {"categories": ("1", "2")}, "a whole number: 1, 2"),
        ("code", {"pattern": "[0-9]+"}, "text of the form [0-9]+"),
    ],
)
def test_what_a_feature_takes_is_said_in_words(
    reader: Readers, kind: str, said: dict[str, Any], allowed: str
) -> None:
    assert reader(kind, **said).allowed.endswith(allowed)


def test_words_that_are_known_are_as_a_caller_sends_them(reader: Readers) -> None:
    ids = reader("identifier", categories=("1", "20"))
    flags = reader("boolean")

    assert ids.kind.words(ids.feature) == (1, 20)
    assert flags.kind.words(flags.feature) == (False, True)
    assert reader("category").kind.words(reader("category").feature) is None
    assert [ids.kind.as_sent("20"), flags.kind.as_sent(True)] == [20, True]
    assert reader("category").kind.as_sent("7") == "7"


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_kind_has_a_type_in_each_of_the_neighbours_words(kind: Kind) -> None:
    facts = {"name": "x", "raw_name": "x", "description": "", "kind": kind}
    always = Feature.model_validate(facts)
    sometimes = always.model_copy(update={"nullable": True})

    meaning = kind_of(always)

    assert meaning.dtype(always) == meaning.pandas_type
    assert meaning.dtype(sometimes) == meaning.pandas_nullable_type
    assert isinstance(meaning.schema(always), dict)


def test_the_schema_says_limits_form_and_length() -> None:
    facts = {"name": "x", "raw_name": "x", "description": ""}
    number = Feature.model_validate(facts | {"kind": "number", "minimum": 2})
    code = Feature.model_validate(facts | {"kind": "code", "pattern": "a|b"})

    assert KINDS["number"].schema(number) == {"minimum": 2, "maximum": 2**53}
    assert KINDS["code"].schema(code) == {"maxLength": MAX_TEXT, "pattern": "^(?:a|b)$"}


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (7, "7"), (7.0, "7"), (7.5, "7.5"), ("7.0", "7.0")],
)
def test_a_clean_value_is_looked_up_by_one_text(value: JsonValue, text: str) -> None:
    assert text_of(value) == text

"""A body is read as a plain row only when the row checker makes the same of it."""

import json
import random
from typing import Any

import numpy as np
import pytest
from pydantic import JsonValue

from relevo_bundles import CleanRow, RequestSchema, plain_rows
from relevo_bundles.encoding import Encoder
from relevo_bundles.plain_rows import PlainRows, slow_numbers
from relevo_bundles.samples import FEATURES, sample_manifest
from relevo_bundles.samples import ROW as PLAIN_ROW
from relevo_contracts import Feature
from relevo_contracts.manifest import Input, Lookup, Outside

ZERO = Feature(
    name="pressure",
    kind="integer",
    raw_name="pressure",
    description="0 stands for nothing",
    nullable=True,
    missing=("0",),
    minimum=10,
)
BARELY = Feature(
    name="measured",
    kind="category",
    raw_name="measured",
    description="null says something",
    null_means="None",
    missing=("?",),
    categories=("None", "Norm"),
    closed=True,
)
ROW = PLAIN_ROW | {"pressure": 70, "measured": "Norm"}
MANIFEST = sample_manifest(features=(*FEATURES, ZERO, BARELY), rows=(ROW,)).model_copy(
    update={"outside": (Outside(feature="source_id", words=("2",), reason="no"),)}
)
ENCODER = Encoder(MANIFEST.inputs)
SCHEMA = RequestSchema(MANIFEST)
VALUES: list[Any] = [
    *(None, True, False, 0, 3, 14, 15, -1, 7, 2**53 + 1, 0.5, 3.0, -0.0, 1e300, 10**30),
    *("", "No", "Up", "[0-10)", "unheard of", "1", "428", "250.01", "V45.1", "x", "9\n"),
    *("x" * 200, "x" * 201, [], {}, " Up", "?", "None", "norm", 2, 70, 9),
]


@pytest.fixture(params=["C", "Python"])
def rows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PlainRows:
    if request.param == "Python":
        monkeypatch.setattr(plain_rows, "numbers", slow_numbers)
    return PlainRows(SCHEMA, ENCODER)


def body(row: dict[str, JsonValue]) -> bytes:
    return json.dumps(row).encode()


def test_a_row_that_fits_becomes_the_inputs_that_the_encoder_makes(rows: PlainRows) -> None:
    read = rows.read(body(ROW))

    assert read == (ENCODER.encode_row(ROW), ())


def test_whatever_is_read_is_what_the_row_checker_makes_of_it(rows: PlainRows) -> None:
    chance = random.Random(3)  # noqa: S311
    told = 0
    for _ in range(5_000):
        row = dict(ROW)
        for name in chance.sample(sorted(ROW), chance.choice([0, 1, 1, 2])):
            row[name] = chance.choice(VALUES)
        for name in chance.sample(sorted(ROW), chance.choice([0, 0, 0, 1])):
            del row[name]
        if chance.random() < 0.05:
            row["unknown"] = 1
        read, checked = rows.read(body(row)), SCHEMA.check(row)
        if read is None:
            continue
        told += 1
        assert isinstance(checked, CleanRow), row
        numbers = np.array(read[0], np.float64)
        clean = np.array(ENCODER.encode_row(checked.values), np.float64)
        assert np.array_equal(numbers, clean, equal_nan=True), row
        assert read[1] == checked.unseen
    assert told > 1_000


def test_a_code_is_looked_at_once_and_then_known(
    rows: PlainRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = rows.read(body(ROW | {"diag_1": "428.5"}))
    monkeypatch.setattr(rows, "_look", None)  # a call of it fails from now on

    assert rows.read(body(ROW | {"diag_1": "428.5"})) == first


def test_no_more_codes_are_remembered_than_a_limit(
    rows: PlainRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_rows, "MAX_CODES", 3)
    codes = [f"{number}" for number in range(100, 110)]
    read = [rows.read(body(ROW | {"diag_1": code})) for code in codes]
    again = [rows.read(body(ROW | {"diag_1": code})) for code in codes]

    assert read == again
    assert None not in read
    assert rows.read(body(ROW | {"diag_1": "no code"})) is None


def test_a_category_that_nobody_knows_is_never_taken_for_known(rows: PlainRows) -> None:
    for _ in range(3):
        read = rows.read(body(ROW | {"age_bucket": "[100-110)", "source_id": 99}))
        assert read is not None
        assert read[1] == ("age_bucket", "source_id")


def test_a_number_that_a_float_cannot_hold_is_left_to_the_row_checker() -> None:
    number = Feature(name="x", kind="number", raw_name="x", description="")
    manifest = MANIFEST.model_copy(update={"features": (number,), "inputs": ()})
    rows = PlainRows(RequestSchema(manifest), Encoder(()))

    assert rows.read(b'{"x": 9007199254740993}') is None
    assert rows.read(b'{"x": 9007199254740991}') == ([], ())


def test_what_is_looked_up_is_never_taken_for_its_own_number() -> None:
    lookups = {
        "change_med": Lookup(codes={"true": 5, "false": 7}),
        "visits": Lookup(codes={"3": 8}, otherwise=9),
        "source_id": Lookup(codes={"7": 1, "07": 2}, missing=3),
        "insulin": Lookup(codes={"Steady": 4}, otherwise=6),
    }
    inputs = [Input(name=n, feature=n, encoding=e) for n, e in lookups.items()]
    rows = PlainRows(SCHEMA, Encoder(inputs))

    assert rows.read(body(ROW)) == ([5, 8, 1, 4], ())
    changed = ROW | {"change_med": False, "visits": 4, "source_id": 1, "insulin": "Up"}
    read = rows.read(body(changed))
    assert read is not None
    assert (read[0][:2], read[0][3]) == ([7, 9], 6)


def test_words_of_a_feature_without_a_list_or_a_form_are_all_as_good() -> None:
    free = Feature(name="x", kind="category", raw_name="x", description="")
    manifest = MANIFEST.model_copy(update={"features": (free,)})
    encoder = Encoder([Input(name="x", feature="x", encoding=Lookup(codes={"a": 1}))])
    rows = PlainRows(RequestSchema(manifest), encoder)

    assert rows.read(b'{"x": "a"}') == ([1.0], ())
    for _ in range(2):
        read = rows.read(b'{"x": "b\\n"}')
        assert read is not None
        assert np.isnan(np.array(read[0], np.float64)).all()

"""Clean values become numbers as the manifest says."""

import numpy as np
from pydantic import JsonValue

from relevo_bundles.encoding import Encoder
from relevo_contracts.manifest import Encoding, Input, Lookup, Quantity

NAN = float("nan")


def encoded(encoding: Encoding, values: list[JsonValue]) -> list[float]:
    encoder = Encoder([Input(name="x", feature="f", encoding=encoding)])
    column: list[float] = encoder.encode({"f": values})[:, 0].tolist()
    return column


def same(left: list[float], right: list[float]) -> bool:
    return np.array_equal(left, right, equal_nan=True)


def test_a_quantity_is_the_number_and_missing_is_not_a_number() -> None:
    assert same(encoded(Quantity(), [3, 2.5, None, NAN]), [3.0, 2.5, NAN, NAN])


def test_a_text_gets_its_code_another_text_and_a_missing_one_their_own() -> None:
    lookup = Lookup(codes={"No": 0, "Up": 1}, otherwise=8, missing=9)

    assert encoded(lookup, ["Up", "No", "up", "", None, NAN]) == [1, 0, 8, 8, 9, 9]


def test_without_codes_of_their_own_other_and_missing_texts_are_not_a_number() -> None:
    assert same(encoded(Lookup(codes={"No": 0}), ["No", "Up", None]), [0, NAN, NAN])


def test_booleans_and_whole_numbers_are_looked_up_by_their_text() -> None:
    lookup = Lookup(codes={"true": 1, "false": 0, "7": 70}, otherwise=-1)

    assert encoded(lookup, [True, False, 7, 7.0, "7", 8]) == [1, 0, 70, 70, 70, -1]


def test_the_head_of_a_code_is_what_stands_before_the_first_point() -> None:
    lookup = Lookup(part="head", codes={"250": 1, "V45": 2}, otherwise=0, missing=3)

    assert encoded(lookup, ["250.01", "250", "V45", "25", None]) == [1, 1, 2, 0, 3]


def test_the_matrix_has_a_row_per_row_and_a_column_per_input_in_order() -> None:
    encoder = Encoder(
        [
            Input(name="b", feature="b", encoding=Quantity()),
            Input(name="a", feature="a", encoding=Quantity()),
            Input(name="is a", feature="a", encoding=Lookup(codes={"1": 5}, otherwise=6)),
        ]
    )

    matrix = encoder.encode({"a": [1, 2], "b": [3, 4], "unused": [0, 0]})

    assert matrix.tolist() == [[3, 1, 5], [4, 2, 6]]
    assert matrix.dtype == np.float64
    assert matrix.flags.c_contiguous

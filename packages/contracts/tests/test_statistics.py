"""What stages note about batches is read with tolerance."""

import json

import pytest
from pydantic import JsonValue

from relevo_contracts.statistics import CleanStatistics, TrainedStatistics


def test_what_is_noted_is_read_again() -> None:
    clean = CleanStatistics(rows_in=10, splits={"train": 7}, target_rate=0.1, report="key")

    again = CleanStatistics.read(json.loads(json.dumps(clean.noted())))

    assert again == clean


@pytest.mark.parametrize("odd", ["many", [1], {"a": 1}, None])
def test_a_figure_that_is_none_is_left_out_and_the_others_are_not(odd: JsonValue) -> None:
    read = TrainedStatistics.read({"z": odd, "p": 0.01, "candidates": [{"seconds": odd}]})

    assert (read.z, read.p) == (None, 0.01)
    assert [each.seconds for each in read.candidates] == [None]


def test_figures_of_another_version_of_ours_are_no_error() -> None:
    assert TrainedStatistics.read({"algorithm": "x", "nobody_knows": 1}).algorithm == "x"
    assert TrainedStatistics.read({}).seconds == {}


def test_a_version_that_was_noted_as_a_number_is_text() -> None:
    assert TrainedStatistics.read({"model_version": 4}).model_version == "4"

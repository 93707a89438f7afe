"""A batch is counted in the reference's bins; equal shares are no drift."""

import pytest

from relevo_contracts.manifest import Reference
from relevo_features import counted, stability_index

AGE = Reference(
    rows=40, missing=10, unknown=0, counts=(10, 10, 10), edges=(20.0, 40.0), psi_noise=0.01
)
WORD = Reference(
    rows=8, missing=0, unknown=0, counts=(4, 3, 1), words=("true", "7"), psi_noise=0.01
)


def test_a_value_on_an_edge_belongs_to_the_bin_below() -> None:
    values = [(20.0, 1), (20.5, 2), (41, 4), (None, 8), (float("nan"), 16)]

    assert counted(AGE, values) == [1, 2, 4, 24]


def test_a_word_is_looked_up_as_models_do_and_all_others_are_together() -> None:
    assert counted(WORD, [(True, 1), (7.0, 2), ("x", 4), ("y", 8)]) == [1, 2, 12, 0]


def test_the_index_grows_with_the_difference_and_an_empty_bin_is_no_infinity() -> None:
    alike = stability_index(AGE, [100, 100, 100, 100])
    other = stability_index(AGE, [200, 50, 50, 100])
    emptied = stability_index(AGE, [0, 0, 0, 400])

    assert alike == pytest.approx(0, abs=1e-9)
    assert 0.1 < other < emptied < 10

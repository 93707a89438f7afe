"""Sums become answers by a link, alike one by one and together, without overflow."""

import numpy as np
import pytest

from relevo_bundles import links
from relevo_contracts.manifest import Link

INFINITE = float("inf")


@pytest.mark.parametrize("link", ["identity", "logistic", "softmax"])
def test_a_row_alone_is_answered_as_among_others(link: Link) -> None:
    sums = np.random.default_rng(0).normal(0, 300, (200, 4))

    together = links.answers_of(link, sums)

    alone = [links.answer_of(link, row) for row in sums.tolist()]
    assert np.abs(np.array(alone) - together).max() <= 1e-15
    assert np.isfinite(together).all()


def test_steep_log_odds_are_no_overflow() -> None:
    assert links.logistic(-800.0) == links.logistic(-INFINITE) == 0.0
    assert links.logistic(800.0) == 1.0


def test_softmax_shares_one_among_the_outputs_however_large_the_sums() -> None:
    assert links.softmax([1000.0, 1000.0, -1000.0]) == [0.5, 0.5, 0.0]
    assert links.softmax([np.log(1), np.log(3)]) == pytest.approx([0.25, 0.75])
    assert links.answers_of("softmax", np.zeros((0, 3))).shape == (0, 3)

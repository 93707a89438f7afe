"""kill -9 before and after each effect of each service: each batch still ends once."""

import pytest

from tests.faults.cases import Death, deaths, in_pairs
from tests.faults.line import Line, Lines
from tests.faults.platform import Faulty

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
PATIENCE = 120.0


def cases(*services: str) -> list[object]:
    """A batch for every two deaths."""
    pairs = [pair for service in services for pair in in_pairs(list(deaths(service)))]
    return [pytest.param(pair, id=" and ".join(map(str, pair))) for pair in pairs]


def offer_and_die(faulty: Faulty, line: Line, pair: tuple[Death, ...], how: str) -> None:
    """A batch is offered, and meets both deaths on its way."""
    for death in pair:
        faulty.arm(death.service, death.point, death.when, calls=death.calls, how=how)
    line.offer()
    for death in pair:
        faulty.until_died(death.service, death.point, death.when, seconds=PATIENCE)


@pytest.mark.parametrize("pair", cases("ingestor", "cleaner"))
def test_a_batch_is_taken_and_cleaned_once_whenever_that_dies(
    faulty: Faulty, lines: Lines, pair: tuple[Death, ...]
) -> None:
    line = lines("taken")

    offer_and_die(faulty, line, pair, "process")

    line.until_quiet(seconds=PATIENCE)
    line.assert_once()

"""kill -9 before and after each effect of each service: each batch still ends once."""

from collections.abc import Callable, Iterable

import pytest

from relevo_contracts.results import Stage
from tests.faults.cases import (
    AT_THE_START,
    HALF_OF_THE_FILES,
    MENDED,
    OF_A_HELD_BATCH,
    OF_A_REFUSAL,
    OF_A_REPEAT,
    OF_THE_FIRST,
    ONE_OF_EACH,
    Death,
    How,
    deaths,
    in_pairs,
    in_the_job,
    known,
)
from tests.faults.line import Line, Lines
from tests.faults.platform import Faulty
from tests.faults.tables import Batch, batch, flipped, garbage, lonely, short, torn

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
DATASETS = ("taken", "learned", "first", "promoted", "refused", "mended", "odd")
PATIENCE = 120.0


def batches_for(deaths: Iterable[Death]) -> list[object]:
    """A batch for every two deaths."""
    pairs = list(in_pairs(deaths))
    return [pytest.param(pair, id=" and ".join(map(str, pair))) for pair in pairs]


def dies(
    faulty: Faulty,
    line: Line,
    deaths: Iterable[Death],
    *,
    how: How = "process",
    make: Callable[[int], Batch] = batch,
    refused_at: Stage | None = None,
    number: int | None = None,
) -> None:
    """A batch is offered, and meets the deaths on its way."""
    deaths = list(deaths)
    for death in deaths:
        faulty.arm(death, how=how)
    line.offer(make, refused_at=refused_at, number=number)
    for death in deaths:
        faulty.until_died(death, seconds=PATIENCE)
    line.until_quiet(seconds=PATIENCE)


@pytest.mark.platform
def test_a_batch_ends_once_though_each_service_dies_on_its_way(
    faulty: Faulty, lines: Lines
) -> None:
    dies(faulty, lines("promoted"), ONE_OF_EACH, how="family")

    lines("promoted").assert_once()


@pytest.mark.parametrize("pair", batches_for(deaths("ingestor")))
def test_a_batch_is_taken_once_whenever_the_ingestor_dies(
    faulty: Faulty, lines: Lines, pair: tuple[Death, ...]
) -> None:
    dies(faulty, lines("taken"), pair)

    lines("taken").assert_once()


@pytest.mark.parametrize("pair", batches_for(deaths("cleaner")))
def test_a_batch_is_cleaned_once_whenever_the_cleaner_dies(
    faulty: Faulty, lines: Lines, pair: tuple[Death, ...]
) -> None:
    dies(faulty, lines("taken"), pair, make=torn)

    lines("taken").assert_once()


@pytest.mark.parametrize("pair", batches_for(deaths("trainer")))
def test_a_batch_is_learned_from_once_whenever_the_trainer_dies(
    faulty: Faulty, lines: Lines, pair: tuple[Death, ...]
) -> None:
    dies(faulty, lines("learned"), pair, how="family")

    lines("learned").assert_once()


@pytest.mark.parametrize("pair", batches_for(in_the_job()))
def test_a_batch_is_learned_from_once_whenever_its_job_dies(
    faulty: Faulty, lines: Lines, pair: tuple[Death, ...]
) -> None:
    dies(faulty, lines("learned"), pair)

    lines("learned").assert_once()


def test_the_first_batch_of_a_dataset_is_learned_from_once(
    faulty: Faulty, lines: Lines
) -> None:
    dies(faulty, lines("first"), [Death("trainer", p) for p in OF_THE_FIRST], how="family")

    lines("first").assert_once()


@pytest.mark.parametrize("point", OF_A_REPEAT)
def test_what_a_dead_job_has_left_is_removed_though_that_dies_too(
    faulty: Faulty, lines: Lines, point: str
) -> None:
    ways = [Death("trainer", "MlflowClient.log_outputs"), Death("trainer", point)]
    dies(faulty, lines("learned"), ways, how="family")

    lines("learned").assert_once()


def test_half_of_a_versions_files_are_nothing(faulty: Faulty, lines: Lines) -> None:
    dies(faulty, lines("learned"), [HALF_OF_THE_FILES], how="family")

    lines("learned").assert_once()


@pytest.mark.parametrize("pair", batches_for(deaths("registry-watcher")))
def test_a_version_is_promoted_once_whenever_the_watcher_dies(
    faulty: Faulty, lines: Lines, pair: tuple[Death, ...]
) -> None:
    dies(faulty, lines("promoted"), pair)

    lines("promoted").assert_once()


@pytest.mark.parametrize("pair", batches_for(deaths("pod-1")))
def test_every_pod_serves_what_the_alias_says_whenever_one_dies(
    faulty: Faulty, lines: Lines, pair: tuple[Death, ...]
) -> None:
    dies(faulty, lines("promoted"), pair)

    lines("promoted").assert_once()


@pytest.mark.parametrize("service", AT_THE_START)
def test_a_service_that_dies_at_its_start_starts_again(
    faulty: Faulty, service: str
) -> None:
    ways = [Death(service, point) for point in AT_THE_START[service]]
    for death in ways:
        faulty.arm(death)
    faulty.kill(service)
    for death in ways:
        faulty.until_died(death, seconds=PATIENCE)

    faulty.until_ready(seconds=PATIENCE)


@pytest.mark.parametrize(
    ("make", "stage"),
    [(garbage, Stage.RAW), (short, Stage.CLEAN), (lonely, Stage.TRAINED)],
)
def test_a_refused_batch_is_one_dead_letter(
    faulty: Faulty, lines: Lines, make: Callable[[int], Batch], stage: Stage
) -> None:
    ways = OF_A_REFUSAL[make.__name__]

    dies(faulty, lines("refused"), ways, make=make, refused_at=stage)

    lines("refused").assert_once()


@pytest.fixture(scope="module")
def odd(lines: Lines) -> Line:
    """A dataset with a champion who sees that batches are odd."""
    line = lines("odd")
    line.offer()
    line.until_quiet(seconds=PATIENCE)
    return line


@pytest.mark.parametrize("pair", batches_for(OF_A_HELD_BATCH))
def test_a_batch_is_held_once_whenever_the_trainer_dies(
    faulty: Faulty, odd: Line, pair: tuple[Death, ...]
) -> None:
    dies(faulty, odd, pair, make=flipped, how="family")

    odd.assert_once()


def test_a_released_batch_is_learned_from_once_though_the_trainer_dies(
    faulty: Faulty, odd: Line
) -> None:
    dies(faulty, odd, [], make=flipped)
    ways = [Death("trainer", "MlflowClient.create_run")]
    ways += [Death("trainer", "PostgresCatalog.record:trained")]
    for death in ways:
        faulty.arm(death, how="family")

    command = f"relevo batches release {max(odd.offered)} --dataset odd --why right"
    faulty.obey(command.split())
    for death in ways:
        faulty.until_died(death, seconds=PATIENCE)
    odd.until_learned(max(odd.offered), seconds=PATIENCE)
    odd.until_quiet(seconds=PATIENCE)

    odd.assert_once()


def test_a_mended_batch_is_taken_once_whenever_the_ingestor_dies(
    faulty: Faulty, lines: Lines
) -> None:
    line = lines("mended")
    line.offer(garbage, refused_at=Stage.RAW, number=1)
    line.until_quiet(seconds=PATIENCE)

    dies(faulty, line, MENDED, number=1)

    line.assert_once()


def test_no_service_had_an_effect_after_which_it_never_dies(faulty: Faulty) -> None:
    assert set(faulty.passed()) <= known()

"""What was usual in the batches before, by what the catalog keeps of them; pure."""

from collections.abc import Iterable

from relevo_contracts.results import StageResult, Verdict
from relevo_contracts.statistics import CleanStatistics
from relevo_datasets.quality.usual import Shares, Usual, usual_of


def usual_before(number: int, results: Iterable[StageResult]) -> Usual:
    """What was usual before the batch of that number.

    results: of the dataset, of the stage `clean`. Accepted batches with a lower number
    count, so a batch has the same verdict whichever of the later ones came before it.
    """
    return usual_of(
        _shares(CleanStatistics.read(result.statistics))
        for result in results
        if result.number < number and result.verdict == Verdict.ACCEPTED
    )


def _shares(noted: CleanStatistics) -> Shares:
    return Shares(noted.rows_out or 0, noted.unknown_shares, noted.missing_shares)

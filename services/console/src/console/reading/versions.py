"""The versions of a model, as trainer and registry-watcher noted them; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from relevo_contracts.results import Promotion, Stage, StageResult, Verdict
from relevo_contracts.statistics import TrainedStatistics

Results = Mapping[tuple[str, str], StageResult]
"""By batch and stage."""


@dataclass(frozen=True)
class Version:
    """One version. result: of the training that made it; None: not made by the trainer.

    batches: which it learned from. bundle_sha256: where it was promoted.
    """

    number: str
    noted: TrainedStatistics
    batches: tuple[str, ...]
    result: StageResult | None = None
    bundle_sha256: str | None = None

    @property
    def verdict(self) -> Verdict | None:
        """The trainer's."""
        return self.result.verdict if self.result else None


def trainings_of(results: Results, dataset: str) -> list[StageResult]:
    """What the trainer noted of a dataset's batches, in the batches' order."""
    found = [
        each
        for each in results.values()
        if each.stage is Stage.TRAINED
        and each.dataset == dataset
        and each.verdict is not Verdict.REFUSED
    ]
    return sorted(found, key=lambda each: each.number)


def versions_of(
    trainings: Iterable[StageResult], promotions: Sequence[Promotion]
) -> list[Version]:
    """All versions that are known, the newest first."""
    promoted = {each.model_version: each for each in promotions}
    found: dict[str, Version] = {}
    for result in trainings:
        noted = TrainedStatistics.read(result.statistics)
        if number := noted.model_version:
            sha256 = promoted[number].bundle_sha256 if number in promoted else None
            batches = tuple(noted.batches)
            found[number] = Version(number, noted, batches, result, sha256)
    for number, each in promoted.items():
        if number not in found:
            nothing = TrainedStatistics()
            found[number] = Version(number, nothing, each.batches, None, each.bundle_sha256)
    return sorted(found.values(), key=lambda each: order(each.number), reverse=True)


def reasons_of(versions: Iterable[Version]) -> dict[str, str | None]:
    """Why the trainer promoted a version, of each that it did."""
    return {
        each.number: each.result.reason
        for each in versions
        if each.result and each.verdict is Verdict.PROMOTED
    }


def order(number: str) -> tuple[int, str]:
    """MLflow counts versions; whatever else somebody wrote stands before them."""
    return (int(number) if number.isdecimal() else -1, number)

"""What the trainer noted about a batch, read with tolerance: a missing figure is None."""

from dataclasses import dataclass

from relevo_storage.catalog import StageResult, Verdict


@dataclass(frozen=True)
class Training:
    """The trainer's verdict on one batch and the figures behind it.

    `difference` is the challenger's ROC-AUC minus the champion's on the same test rows
    (for a first model: minus 0.5), `z` the same in standard errors.
    """

    verdict: Verdict
    reason: str | None
    seconds: float
    algorithm: str | None = None
    version: str | None = None
    champion_version: str | None = None
    validation_auc: float | None = None
    auc: float | None = None
    champion_auc: float | None = None
    difference: float | None = None
    z: float | None = None
    live_auc: float | None = None

    @property
    def is_first(self) -> bool:
        """True when there was no champion to beat."""
        return self.champion_version is None


def read_training(result: StageResult) -> Training:
    """The training that a result of the stage `trained` tells of."""
    noted = result.statistics

    def word(name: str) -> str | None:
        value = noted.get(name)
        return None if value is None or value == "" else str(value)

    def number(name: str) -> float | None:
        value = noted.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value)

    return Training(
        verdict=result.verdict,
        reason=result.reason or word("reason"),
        seconds=(result.finished_at - result.started_at).total_seconds(),
        algorithm=word("algorithm"),
        version=word("model_version"),
        champion_version=word("champion_version"),
        validation_auc=number("validation_auc"),
        auc=number("test_auc"),
        champion_auc=number("champion_auc"),
        difference=number("difference"),
        z=number("z"),
        live_auc=number("live_auc"),
    )

"""What a stage notes about a batch in the catalog, for those who tell people of it."""

from types import MappingProxyType
from typing import Any, Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    JsonValue,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from relevo_contracts.tasks import Task


class Statistics(BaseModel):
    """Read with tolerance: what is absent, or is not what it should be, is left out."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        coerce_numbers_to_str=True,
        protected_namespaces=(),
    )

    @field_validator("*", mode="wrap")
    @classmethod
    def _leave_out_what_is_odd(
        cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Any:
        try:
            return handler(value)
        except ValidationError:
            field = cls.model_fields[str(info.field_name)]
            return field.get_default(call_default_factory=True, validated_data={})

    @classmethod
    def read(cls, noted: dict[str, JsonValue]) -> Self:
        """As they stand in the catalog; raises nothing."""
        return cls.model_validate(noted)

    def noted(self) -> dict[str, JsonValue]:
        """As they are put into the catalog."""
        return self.model_dump(mode="json")


class CleanStatistics(Statistics):
    """The quality of a batch in figures; the rest is in the report.

    splits: rows by split. target_rate: the share of class 1. report: its key in the store.
    quarantine: that of the raw rows that were put aside, as Parquet; None: there are none.
    unknown_shares, missing_shares: per feature, of the clean rows, 0 to 1.
    """

    rows_in: int | None = None
    rows_out: int | None = None
    rows_removed: int | None = None
    rows_quarantined: int | None = None
    unseen_values: int | None = None
    splits: dict[str, int] = {}
    target: str | None = None
    target_rate: float | None = None
    report: str | None = None
    quarantine: str | None = None
    unknown_shares: dict[str, float] = {}
    missing_shares: dict[str, float] = {}


FIGURES: Final = MappingProxyType(
    {
        "roc_auc": "ROC-AUC",
        "pr_auc": "PR-AUC",
        "roc_auc_ovr": "ROC-AUC, one class against the rest",
        "accuracy": "accuracy",
        "macro_f1": "macro F1",
        "brier": "Brier score",
        "log_loss": "log loss",
        "r2": "R²",
        "rmse": "root mean squared error",
        "mae": "mean absolute error",
    }
)
"""The figures of models in words, by their names in statistics, manifests and metrics."""


class TriedCandidate(Statistics):
    """One candidate. figure: its leading figure on validation; seconds: of its fit."""

    algorithm: str | None = None
    figure: float | None = None
    seconds: float | None = None


class TrainedStatistics(Statistics):
    """The figures behind a verdict.

    `figure` names the task's leading figure; higher is better. `test` and `champion` are
    the challenger's and the champion's on the same test rows, `validation` is that by
    which the challenger was chosen, `live` the champion's on the newest batch. By
    `difference` the challenger's loss per test row is smaller than the champion's (of a
    first model: than that of chance), `z` is the same in standard errors. `intervals` has
    value, low and high of each figure on the test rows; `seconds` how long each stage
    took; `lost` why earlier batches were not learned from, as their tables are lost.
    `verdict_number` counts the verdicts against the champion, whose bundle is
    `champion_sha256`, this one included; that sets `level`, how likely a model that is no
    better was to be promoted, and `needed_z`. `live_…`: the champion on the newest batch
    before anything learned from it: by how many standard errors it was above its test
    figure, how wrong its probabilities were, and the share that came of the class that is
    furthest from what it said on average.
    """

    task: Task | None = None
    figure: str | None = None
    algorithm: str | None = None
    model_version: str | None = None
    champion_version: str | None = None
    champion_sha256: str | None = None
    validation: float | None = None
    test: float | None = None
    champion: float | None = None
    live: float | None = None
    live_z: float | None = None
    live_loss: float | None = None
    live_ece: float | None = None
    live_came: float | None = None
    live_said: float | None = None
    difference: float | None = None
    standard_error: float | None = None
    z: float | None = None
    p: float | None = None
    verdict_number: int | None = None
    level: float | None = None
    needed_z: float | None = None
    intervals: dict[str, dict[str, float | None]] = {}
    candidates: list[TriedCandidate] = []
    rows: dict[str, int] = {}
    repeats: int | None = None
    batches: list[str] = []
    lost: dict[str, str] = {}
    seconds: dict[str, float] = {}

"""A batch's quality report, read with tolerance: an older cleaner wrote less into it."""

from pydantic import BaseModel, ConfigDict

from relevo_contracts import PoisonError
from relevo_storage import ObjectStore


class Part(BaseModel):
    """Blind to what a page does not show."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Fault(Part):
    """Why rows were put aside; see the datasets' `Fault`."""

    column: str
    reason: str
    rows: int
    different: int = 0
    examples: tuple[str | None, ...] = ()
    nearest: str | None = None


class Column(Part):
    """A feature among the clean rows; see the datasets' `ColumnQuality`."""

    missing: int = 0
    minimum: float | None = None
    maximum: float | None = None
    unseen: dict[str, int] = {}
    nearest: str | None = None

    @property
    def unknown(self) -> int:
        """Rows with a word that the dataset does not know."""
        return sum(self.unseen.values())


class Numbers(Part):
    """The target of a regression."""

    mean: float
    sd: float
    minimum: float
    maximum: float


class Report(Part):
    """The parts that a page shows; see the datasets' `QualityReport`."""

    target: str
    rows_in: int
    rows_out: int
    removed: dict[str, int] = {}
    quarantined: tuple[Fault, ...] = ()
    columns: dict[str, Column] = {}
    splits: dict[str, int] = {}
    classes: dict[str, int] = {}
    target_numbers: Numbers | None = None


async def read_report(store: ObjectStore, key: str) -> Report:
    """Raises OutageError while the store is away, PoisonError for what is no report."""
    try:
        return Report.model_validate_json(await store.get(key))
    except FileNotFoundError as error:
        raise PoisonError(f"no object {key!r} in the store") from error
    except ValueError as error:
        raise PoisonError(f"{key!r} is no quality report") from error

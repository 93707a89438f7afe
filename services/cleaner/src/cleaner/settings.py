"""The settings of the cleaner, read from the environment."""

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from cleaner.cleaning import Rules
from relevo_datasets.quality.gate import Limits
from relevo_datasets.splitting import USUAL_RATIOS, USUAL_SALT, SplitRatios
from relevo_runtime.settings import DatasetSettings, ServiceSettings
from relevo_storage import CatalogSettings, ObjectStoreSettings

SERVICE = "cleaner"


def _ratios(value: object) -> object:
    return SplitRatios.parse(value) if isinstance(value, str) else value


class Settings(ServiceSettings, DatasetSettings, ObjectStoreSettings, CatalogSettings):
    """Shared addresses, and what only this service needs."""

    cleaner_split: Annotated[SplitRatios, NoDecode, BeforeValidator(_ratios)] = Field(
        default=USUAL_RATIOS, description="train/validation/test"
    )
    cleaner_split_salt: str = Field(
        default=USUAL_SALT, description="another salt divides the groups anew"
    )
    cleaner_target: str | None = Field(
        default=None,
        description="what to predict: `target` of the first dataset, or"
        " `dataset=target,dataset=target`; else a dataset's first target",
    )
    cleaner_max_quarantined_share: float = Field(
        default=Limits.max_quarantined_share,
        ge=0,
        le=1,
        description="of a batch's rows that may be unreadable",
    )
    cleaner_min_rows: int = Field(
        default=Limits.min_rows, ge=1, description="clean rows that a batch must have"
    )
    cleaner_max_unknown_rise: float = Field(
        default=Limits.max_unknown_rise,
        ge=0,
        le=1,
        description="by how much a feature's share of unknown words may exceed the usual",
    )
    cleaner_max_lost_share: float = Field(
        default=Limits.max_lost_share,
        ge=0,
        le=1,
        description="of the values that a feature usually has, that may be missing",
    )

    @property
    def rules(self) -> Rules:
        """How batches are cleaned."""
        return Rules(
            ratios=self.cleaner_split,
            salt=self.cleaner_split_salt,
            targets=self._targets(),
            limits=Limits(
                max_quarantined_share=self.cleaner_max_quarantined_share,
                min_rows=self.cleaner_min_rows,
                max_unknown_rise=self.cleaner_max_unknown_rise,
                max_lost_share=self.cleaner_max_lost_share,
            ),
        )

    def _targets(self) -> dict[str, str]:
        """By dataset the target that was asked for."""
        targets = {}
        for part in (self.cleaner_target or "").split(","):
            dataset, named, target = part.strip().partition("=")
            if dataset:
                targets[dataset if named else self.datasets[0]] = target or dataset
        return targets

"""The settings of the cleaner, read from the environment."""

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from cleaner.cleaning import Rules
from cleaner.gate import Limits
from relevo_datasets.splitting import SplitRatios
from relevo_runtime.settings import ServiceSettings, StorageSettings


def _ratios(value: object) -> object:
    return SplitRatios.parse(value) if isinstance(value, str) else value


class Settings(ServiceSettings, StorageSettings):
    """Shared addresses, and what only this service needs."""

    cleaner_split: Annotated[SplitRatios, NoDecode, BeforeValidator(_ratios)] = Field(
        default=SplitRatios(70, 15, 15), description="train/validation/test"
    )
    cleaner_split_salt: str = Field(
        default="relevo", description="another salt divides the groups anew"
    )
    cleaner_target: str | None = Field(
        default=None, description="what to predict; else the dataset's first target"
    )
    cleaner_max_quarantined_share: float = Field(
        default=0.05, ge=0, le=1, description="of a batch's rows that may be unreadable"
    )
    cleaner_min_rows: int = Field(
        default=100, ge=1, description="clean rows that a batch must have"
    )

    @property
    def rules(self) -> Rules:
        """How batches are cleaned."""
        return Rules(
            ratios=self.cleaner_split,
            salt=self.cleaner_split_salt,
            target=self.cleaner_target,
            limits=Limits(
                max_quarantined_share=self.cleaner_max_quarantined_share,
                min_rows=self.cleaner_min_rows,
            ),
        )

"""The settings of the lag-watcher, read from the environment."""

from pydantic import Field

from relevo_contracts import Topic
from relevo_contracts.lanes import lanes
from relevo_runtime.settings import DatasetSettings, ServiceSettings

SERVICE = "lag-watcher"

READS = {"cleaner": Topic.BATCH_RAW, "trainer": Topic.BATCH_CLEAN}
"""Who hears each dataset in a group of its own."""


class Settings(ServiceSettings, DatasetSettings):
    """Shared addresses, and what only this service needs."""

    lag_watcher_interval_seconds: float = Field(
        default=5.0, gt=0, description="between two looks"
    )
    lag_watcher_expected: dict[str, list[str]] | None = Field(
        default=None,
        description="group -> topics that it should read, as JSON: their lag is shown "
        "even if the group was never there; unset: the cleaner's and the trainer's of "
        "each dataset",
    )

    @property
    def expected(self) -> dict[str, list[str]]:
        """The groups whose lag is always shown."""
        if self.lag_watcher_expected is not None:
            return self.lag_watcher_expected
        return {
            group: [topic.value]
            for service, topic in READS.items()
            for group in lanes(service, self.datasets)
        }

    @property
    def dataset_of(self) -> dict[str, str]:
        """The dataset of each group that is one dataset's."""
        return {
            group: name
            for service in READS
            for group, name in zip(
                lanes(service, self.datasets), self.datasets, strict=True
            )
        }

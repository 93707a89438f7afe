"""The settings of the lag-watcher, read from the environment."""

from pydantic import Field

from relevo_contracts import Topic
from relevo_runtime.settings import ServiceSettings

EXPECTED = {"cleaner": [Topic.BATCH_RAW.value], "trainer": [Topic.BATCH_CLEAN.value]}


class Settings(ServiceSettings):
    """Shared addresses, and what only this service needs."""

    lag_watcher_interval_seconds: float = Field(
        default=5.0, gt=0, description="between two looks"
    )
    lag_watcher_expected: dict[str, list[str]] = Field(
        default=EXPECTED,
        description="group -> topics that it should read, as JSON: their lag is shown "
        "even if the group was never there",
    )

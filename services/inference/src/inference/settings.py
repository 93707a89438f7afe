"""The settings of inference, read from the environment."""

from pydantic import Field

from relevo_runtime.http.settings import default_pod
from relevo_runtime.settings import DatasetSettings, Names, ServiceSettings
from relevo_storage import ObjectStoreSettings

SERVICE = "inference"

WHATEVER = "*"
"""Among the names: every model that is promoted, whatever its name."""


class Settings(ServiceSettings, ObjectStoreSettings, DatasetSettings):
    """Shared addresses, and what only this service needs; no catalog, no MLflow."""

    inference_models: Names = Field(
        default=(WHATEVER,),
        min_length=1,
        description="name,name: what it answers for; *: the datasets', and whatever else is"
        " promoted; the first when no name is given",
    )
    inference_max_models: int = Field(
        50, gt=0, description="a further one that only * stands for is left out"
    )
    inference_pod: str = Field(
        default_factory=default_pod,
        description="its name in model.served and in each answer; host and pid",
    )
    inference_max_bytes: int = Field(
        8 * 2**20,
        gt=0,
        description="a longer body is refused (413), packed or not; checked at the start"
        " against the memory that there is",
    )
    inference_body_seconds: float = Field(
        30, gt=0, description="a body that takes longer to come whole is given up (408)"
    )
    inference_max_rows: int = Field(
        50_000, gt=0, description="a batch of more rows is refused (413)"
    )
    inference_max_requests: int = Field(
        256, gt=0, description="whose bodies are there; one more is refused at once (503)"
    )
    inference_max_bytes_in_flight: int | None = Field(
        None,
        gt=0,
        description="of bodies on their way and answers not read yet; one more is refused"
        " at once (503); unset: a quarter of the container's memory, 1 GiB at most",
    )
    stop_delay_seconds: float = Field(
        2.0,
        ge=0,
        description="after SIGTERM /ready is 503 and requests are still taken for so long",
    )

    @property
    def served_by(self) -> str:
        """Its name, also in each answer."""
        return self.inference_pod

    @property
    def named_models(self) -> tuple[str, ...]:
        """The models that it answers for in any case, the default first."""
        names = [name for name in self.inference_models if name != WHATEVER]
        if WHATEVER in self.inference_models:
            names += self.datasets
        return tuple(dict.fromkeys(names))

    @property
    def most_models(self) -> int | None:
        """So many it answers for at most, named or not; None: for the named ones only."""
        follows_all = WHATEVER in self.inference_models
        return self.inference_max_models if follows_all else None

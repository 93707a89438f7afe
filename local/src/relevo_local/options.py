"""How a platform is to be run."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from relevo_local.places.addresses import DEFAULT_DATASETS
from relevo_local.places.state import DEFAULT_STATE


class Options(BaseModel):
    """Ports are the usual ones: tried at the first start of a state folder."""

    model_config = ConfigDict(frozen=True)

    state: Path = DEFAULT_STATE
    interval_seconds: float = Field(default=20.0, gt=0)
    """Between two batches of the data source."""
    datasets: tuple[str, ...] = Field(default=DEFAULT_DATASETS, min_length=1)
    """What the platform learns from; the first one is the default of all that ask."""
    pods: int = Field(default=2, ge=1, le=16)
    """Processes of inference."""
    first_pod_port: int = 8000
    data_api_port: int = 8090
    mlflow_port: int = 5000
    console_port: int = 8080
    patience_seconds: float = 180.0
    """How long one process may take to become ready."""
    silence_seconds: float = Field(default=60.0, ge=0)
    """How long one that was ready may not answer before it is killed (0: for ever)."""

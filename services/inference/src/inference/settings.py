"""The settings of inference, read from the environment."""

import os
import socket

from pydantic import Field

from relevo_runtime.settings import ObjectStoreSettings, ServiceSettings


def default_pod() -> str:
    """The host's name and the process's number: two pods on one host differ."""
    return f"{socket.gethostname()}-{os.getpid()}"


class Settings(ServiceSettings, ObjectStoreSettings):
    """Shared addresses, and what only this service needs; no catalog, no MLflow."""

    inference_model: str = Field("diabetes130", description="the model that it answers for")
    inference_pod: str = Field(
        default_factory=default_pod, description="its name in model.served; host and pid"
    )
    inference_max_bytes: int = Field(
        64 * 2**20, gt=0, description="a longer request is refused (413)"
    )
    inference_max_rows: int = Field(
        50_000, gt=0, description="a batch of more rows is refused (413)"
    )

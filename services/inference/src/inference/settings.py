"""The settings of inference, read from the environment."""

import os
import socket
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from relevo_runtime.settings import ObjectStoreSettings, ServiceSettings


def default_pod() -> str:
    """The host's name and the process's number: two pods on one host differ."""
    return f"{socket.gethostname()}-{os.getpid()}"


def _names(value: object) -> object:
    """ "a,b" -> ("a", "b"), each once."""
    names = value.split(",") if isinstance(value, str) else value
    return tuple(dict.fromkeys(map(str.strip, names))) if isinstance(names, list) else value


class Settings(ServiceSettings, ObjectStoreSettings):
    """Shared addresses, and what only this service needs; no catalog, no MLflow."""

    inference_models: Annotated[
        tuple[Annotated[str, Field(min_length=1)], ...], NoDecode, BeforeValidator(_names)
    ] = Field(
        default=("diabetes130",),
        min_length=1,
        description="name,name: what it answers for; the first when no name is given",
    )
    inference_pod: str = Field(
        default_factory=default_pod, description="its name in model.served; host and pid"
    )
    inference_max_bytes: int = Field(
        32 * 2**20, gt=0, description="a longer body is refused (413)"
    )
    inference_body_seconds: float = Field(
        30, gt=0, description="a body that takes longer to come whole is given up (408)"
    )
    inference_max_rows: int = Field(
        50_000, gt=0, description="a batch of more rows is refused (413)"
    )
    inference_max_requests: int = Field(
        256, gt=0, description="at a time; one more is refused at once (503)"
    )
    inference_max_batches: int = Field(
        8, gt=0, description="of them batches, each with its body in memory"
    )
    stop_delay_seconds: float = Field(
        2.0,
        ge=0,
        description="after SIGTERM /ready is 503 and requests are still taken for so long",
    )

"""What a service reads of the environment about its log lines and traces."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class TelemetrySettings(BaseSettings):
    """Which lines are written, in which form, and where traces go."""

    otel_exporter_otlp_endpoint: str | None = Field(
        default=None,
        description="where traces go, e.g. http://127.0.0.1:4318; unset: no traces",
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING, ERROR")
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="auto: pretty on a terminal, else JSON"
    )

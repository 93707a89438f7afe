"""What a service reads of the environment about its HTTP server."""

from pydantic import Field
from pydantic_settings import BaseSettings


class HttpSettings(BaseSettings):
    """Where the server listens, and how it ends."""

    stop_delay_seconds: float = Field(
        default=0.0,
        ge=0,
        description="after SIGTERM /ready is 503 and requests are still taken for so long",
    )
    watchdog_seconds: float = Field(
        default=45.0,
        ge=0,
        description="a loop that stands still for so long ends the process; 0: never",
    )
    http_host: str = Field(default="127.0.0.1", description="where the server listens")
    http_port: int = Field(default=8080, ge=0, le=65535, description="its port")

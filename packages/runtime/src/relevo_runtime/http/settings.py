"""What a service reads of the environment about its HTTP server."""

import os
import socket
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings

from relevo_runtime.http.prefixes import PREFIX
from relevo_runtime.names import Names

# compose hands on what is not set as an empty text
OrNone = BeforeValidator(lambda given: given or None)


def default_pod() -> str:
    """The host's name and the process's number: two pods on one host differ."""
    return f"{socket.gethostname()}-{os.getpid()}"


class HttpSettings(BaseSettings):
    """Where the server listens, how it is reached, and how it ends."""

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
    http_operations_port: Annotated[int | None, OrNone] = Field(
        default=None,
        ge=1,
        le=65535,
        description="answers /metrics, without a key, and what operates a service; then the"
        " other port does not; unset: one port for all",
    )
    http_idle_seconds: int = Field(
        default=75,
        gt=0,
        description="so long a connection without a request stays open; let proxies and"
        " clients give theirs up before",
    )
    http_prefix: str = Field(
        default="",
        pattern=PREFIX,
        description="the path below which a proxy shows the service, such as /relevo; a"
        " proxy's X-Forwarded-Prefix goes before",
    )
    http_cors_origins: Names = Field(
        default=(),
        description="origin,origin: whose pages may ask; *: all; unset: none",
    )
    http_gzip: bool = Field(
        default=True,
        description="answers of 1 KiB or more are compressed for whom it is asked",
    )

    api_keys_file: Annotated[Path | None, OrNone] = Field(
        default=None,
        description="callers' keys, by `relevo keys`; read anew when it changes;"
        " unset: no key is asked for, which production takes on loopback alone",
    )

    @property
    def served_by(self) -> str:
        """The name in each answer's X-Relevo-Pod."""
        return default_pod()

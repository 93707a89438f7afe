"""The path below which a proxy shows a service."""

import re

from starlette.types import Scope

PREFIX = r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$"
MOST = 200

_is_prefix = re.compile(PREFIX).match


def prefix_of(told: bytes) -> str:
    """What a proxy tells in X-Forwarded-Prefix; "" for what is no plain path.

    It comes to stand in pages, so nothing else will do.
    """
    text = told.decode("latin-1").strip().rstrip("/")
    return text if len(text) <= MOST and _is_prefix(text) else ""


def below(scope: Scope, prefix: str) -> dict[str, object]:
    """What of a scope is another below the prefix, whether the proxy took it off or not."""
    path: str = scope["path"]
    if path != prefix and not path.startswith(f"{prefix}/"):
        path = prefix + path
    return {"root_path": prefix, "path": path}

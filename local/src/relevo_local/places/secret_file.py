"""Random secrets that a folder keeps, readable by its owner alone."""

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

Make = Callable[[], str]


def random_secret() -> str:
    """32 bytes of randomness as text that needs no quoting in an URL or a shell."""
    return secrets.token_urlsafe(32)


def remembered(path: Path, **makers: Make) -> dict[str, str]:
    """The secrets of these names in the JSON file `path`; what is missing is made and kept.

    The file is replaced as a whole and has mode 0600. Callers hold the folder's lock.
    """
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = {name: make() for name, make in makers.items() if name not in known}
    if missing:
        write_private(path, json.dumps(known | missing, indent=1))
    return {name: (known | missing)[name] for name in makers}


def write_private(path: Path, text: str) -> None:
    """Put `text` at `path` at once (never half), readable by the owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    fresh.replace(path)

"""What our children may inherit from this process's environment."""

import os
from collections.abc import Callable
from pathlib import Path

# A person's shell may hold KAFKA_…, AWS_… or MLFLOW_… variables of other work; a server
# that listens to those is not the one that we describe. So: a list of what may pass.
PASSED = {
    "HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV",
    "XDG_CACHE_HOME", "LOG_LEVEL", "RECONCILE_INTERVAL_SECONDS",
}  # fmt: skip
PASSED_PREFIXES = ("LC_", "OTEL_")

OWN_DECLARATIONS = "RELEVO_DATASETS"
KEYS_FILE, KEY = "API_KEYS_FILE", "RELEVO_API_KEY"
ASKS_OTHERS = "console"
"""The service that asks others of ours, and so needs a key itself."""

# A dozen processes share one machine. glibc gives each thread a heap of its own, and keeps
# what was freed in it; Arrow's own allocators keep it too. With one heap, and tables beside
# it, the largest training takes 150 MB less. Other systems know none of these variables.
MEMORY = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "262144",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


def aws_environment() -> dict[str, str]:
    """What boto3 finds in this process's environment: for what looks at a real AWS."""
    return _given(lambda name: name.startswith("AWS_"))


def inherited_environment(module: str | None = None) -> dict[str, str]:
    """The variables that every child gets; its program adds addresses and secrets.

    module: a service's; its own settings begin with its name, so a person can try them
    with `relevo up`.
    """
    prefixes = PASSED_PREFIXES + ((f"{module.upper()}_",) if module else ())
    own = {*PASSED, KEY} if module == ASKS_OTHERS else PASSED
    given = _given(lambda name: name in own or name.startswith(prefixes))
    paths = {OWN_DECLARATIONS: own_declarations()}
    if module:
        paths[KEYS_FILE] = _path(KEYS_FILE)
    return MEMORY | given | {name: str(path) for name, path in paths.items() if path}


def own_declarations() -> Path | None:
    """A person's own folder of datasets' declarations, where there is one."""
    return _path(OWN_DECLARATIONS)


def _path(name: str) -> Path | None:
    """Absolute, as each child runs in a folder of its own."""
    named = _given(lambda each: each == name).get(name)
    return Path(named).resolve() if named else None


def _given(may_pass: Callable[[str], bool]) -> dict[str, str]:
    environment = os.environ  # noqa: TID251 - this is settings.py
    return {name: value for name, value in environment.items() if may_pass(name)}

"""Which scope a request to the console needs: to look, to ask a model, or to act."""

from collections.abc import Set

from relevo_contracts.keys import Scope
from relevo_runtime.http.access import ANYBODY, usually_needed

KEY_PAGE, KEY_COOKIE = "/key", "relevo_key"
STATIC = "/static/"
ROWS_OF_PARQUET, ANSWERS = "/rows-of-parquet", "/data/answers"


def needed(method: str, path: str) -> Set[Scope]:
    """Of a path without the console's own prefix."""
    if path == KEY_PAGE or path.startswith(STATIC):
        return ANYBODY
    if method == "POST" and (path.startswith("/predict/") or path == ROWS_OF_PARQUET):
        return {Scope.PREDICT}
    if method == "POST" and path == ANSWERS:
        return {Scope.READ}
    return usually_needed(method, path)

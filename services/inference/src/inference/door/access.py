"""Which scope a request to a pod needs, by the form of its path, whoever answers it."""

import re
from collections.abc import Set

from relevo_contracts.keys import Scope
from relevo_runtime.http.access import ANYBODY, METRICS, usually_needed

PREDICTIONS = re.compile(
    r"/predict|/predict_batch|/models/[^/]+/predict"
    r"|/invocations|/v1/models/[^/]+:predict|/v2/models/.+/infer"
).fullmatch
"""A POST of another path needs `operate`: what is new and forgotten here is closed."""
OPERATORS = frozenset({METRICS, "/reload_model", "/reload-model"})
PEERS_PROBES = {"/ping", "/v2/health/live", "/v2/health/ready"}


def needed(method: str, path: str) -> Set[Scope]:
    """Who may predict may also look at what the models take, but not at the metrics."""
    if method == "POST" and PREDICTIONS(path):
        return {Scope.PREDICT}
    if path in PEERS_PROBES:
        return ANYBODY
    usual = usually_needed(method, path)
    return (
        {*usual, Scope.PREDICT} if method == "GET" and usual and path != METRICS else usual
    )

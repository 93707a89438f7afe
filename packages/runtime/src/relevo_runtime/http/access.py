"""What a request needs to be allowed: the scopes of which a key must have one."""

from collections.abc import Callable, Set
from dataclasses import dataclass

from relevo_contracts.keys import Scope

ANYBODY: frozenset[Scope] = frozenset()
"""No key is needed."""
PROBES = {"/health", "/ready"}
"""Asked by what starts and stops containers, which has no key; they tell nothing else."""
METRICS = "/metrics"

Needed = Callable[[str, str], Set[Scope]]
"""Method and path -> the scopes one of which will do; none: anybody may."""


def usually_needed(method: str, path: str) -> Set[Scope]:
    """Of every service, unless it says otherwise: to look is less than to do."""
    if path in PROBES:
        return ANYBODY
    if method != "GET":
        return {Scope.OPERATE}
    return {Scope.READ} if path == METRICS else {Scope.READ, Scope.OPERATE}


@dataclass(frozen=True)
class Access:
    """Who may ask what of a service.

    cookie: one that holds a key, for pages. sign_in: the path of the page on which a
    person gives a key; browsers are sent there instead of being refused. operators: paths
    that are answered on a port of their own, where there is one.
    """

    needed: Needed = usually_needed
    cookie: str | None = None
    sign_in: str | None = None
    operators: frozenset[str] = frozenset({METRICS})


USUAL = Access()

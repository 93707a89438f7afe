"""Pods are replaced one by one: a new one answers at the door before an old one goes."""

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

READY_SECONDS = 180.0
LOOK_SECONDS = 0.5


class Pod(NamedTuple):
    """is_current: of the image and configuration that a new one would have."""

    id: str
    name: str
    is_current: bool
    runs: bool


class Pods(Protocol):
    """The pods of a cluster."""

    def there(self) -> list[Pod]:
        """All of them, the oldest first."""

    def have(self, count: int) -> None:
        """Let there be so many; those that are there stay as they are."""

    def is_ready(self, pod: Pod) -> bool:
        """Whether it has a model and answers."""

    def is_alive(self, pod: Pod) -> bool:
        """Whether it answers at all."""

    def is_at_the_door(self, pod: Pod) -> bool:
        """Whether the door leads to it."""

    def remove(self, pod: Pod) -> None:
        """Let it end what it has begun, and be gone."""


class RollError(Exception):
    """A new pod does not become ready; the old ones go on."""


def roll(
    pods: Pods,
    wanted: int,
    tell: Callable[[str], None],
    *,
    seconds: float = READY_SECONDS,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Replace those that are not current, and let there be as many as wanted.

    Raises RollError, having removed what did not become ready.
    """
    for pod in pods.there():
        if not pod.runs:
            pods.remove(pod)
    for old in [pod for pod in pods.there() if not pod.is_current]:
        _one_more(pods, tell, seconds, wait)
        tell(f"{old.name} goes")
        pods.remove(old)
    while len(there := pods.there()) > wanted:
        tell(f"{there[-1].name} goes")
        pods.remove(there[-1])
    while len(pods.there()) < wanted:
        _one_more(pods, tell, seconds, wait)


def _one_more(
    pods: Pods,
    tell: Callable[[str], None],
    seconds: float,
    wait: Callable[[float], None],
) -> None:
    """Add a pod; return once it is as well as its siblings are."""
    before = pods.there()
    is_well = pods.is_ready if any(map(pods.is_ready, before)) else pods.is_alive
    pods.have(len(before) + 1)
    [pod] = [pod for pod in pods.there() if pod.id not in {each.id for each in before}]
    left = seconds
    while not (is_well(pod) and pods.is_at_the_door(pod)):
        if left <= 0:
            pods.remove(pod)
            raise RollError(f"{pod.name} was not ready after {seconds:g} s and is removed")
        wait(LOOK_SECONDS)
        left -= LOOK_SECONDS
    tell(f"{pod.name} answers")

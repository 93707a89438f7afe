"""Who listens to what changes: a bounded queue for each browser, and drops are counted."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, TypeVar

from console.metrics import BROWSERS, DROPPED

T = TypeVar("T")

MOST_WAITING = 200
"""Items that wait for a browser that does not read: then the oldest go."""


class Listener(Generic[T]):
    """What waits for one browser; `dropped` counts what it will never see."""

    def __init__(self, page: str, wants: Callable[[T], bool]) -> None:
        self.page = page
        self.wants = wants
        self.dropped = 0
        self._waiting: deque[T] = deque()
        self._some = asyncio.Event()

    def put(self, item: T) -> None:
        """Let it wait; the oldest goes where there is no room."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.dropped += 1
            DROPPED.labels(self.page).inc()
        self._waiting.append(item)
        self._some.set()

    async def take(self, seconds: float) -> list[T]:
        """All that waits; empty when nothing came within the time."""
        try:
            await asyncio.wait_for(self._some.wait(), seconds)
        except TimeoutError:
            return []
        taken = list(self._waiting)
        self._waiting.clear()
        self._some.clear()
        return taken


class Hub(Generic[T]):
    """Hands what happens to all who listen to it."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._listeners: set[Listener[T]] = set()

    def publish(self, item: T) -> None:
        """Tell everybody who wants it; never waits."""
        for listener in self._listeners:
            if listener.wants(item):
                listener.put(item)

    @property
    def is_heard(self) -> bool:
        """True while somebody listens."""
        return bool(self._listeners)

    @contextmanager
    def listening(
        self, wants: Callable[[T], bool] = lambda _: True
    ) -> Iterator[Listener[T]]:
        """A listener for as long as the block lasts."""
        listener = Listener(self._page, wants)
        self._listeners.add(listener)
        BROWSERS.labels(self._page).inc()
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            BROWSERS.labels(self._page).dec()


class Board:
    """Parts of a page as HTML, each in its last form; who comes late gets all of them."""

    def __init__(self, page: str) -> None:
        self.hub: Hub[Mapping[str, str]] = Hub(page)
        self._parts: dict[str, str] = {}

    def show(self, parts: Mapping[str, str]) -> None:
        """Tell of those that are not as they were."""
        changed = {k: v for k, v in parts.items() if self._parts.get(k) != v}
        if changed:
            self._parts |= changed
            self.hub.publish(changed)

    @property
    def parts(self) -> Mapping[str, str]:
        """All of them as they were shown last."""
        return self._parts

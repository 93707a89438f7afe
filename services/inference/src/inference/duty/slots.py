"""The models that a pod answers for, each with a slot of its own."""

import re
from collections.abc import Callable, Iterator, Sequence

import structlog

from inference.duty.slot import Slot
from relevo_contracts import Manifest

NAME = re.compile(r"(?!\.{1,2}$)[ -.0-~]{1,200}")
"""What can be a part of a path, and stand in the header of an answer."""
MOST_TOLD = 20
"""So many names without a slot are told: a flood of them must not fill the memory."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Slots:
    """The slots by the names of their models; the first one answers when none is named.

    names: these have a slot from the start. limit: another name has one from its first
    promotion on, while there are fewer than so many; None: no other name has.
    left_out: why promoted names have no slot, the first `MOST_TOLD` of them.
    """

    def __init__(self, names: Sequence[str], *, pod: str, limit: int | None = None) -> None:
        self._pod = pod
        self._limit = limit
        self._slots = {name: Slot(name, pod=pod) for name in names}
        self._watchers: list[Callable[[Slot], None]] = []
        self.default = self._slots[names[0]]
        self.left_out: dict[str, str] = {}

    def __iter__(self) -> Iterator[Slot]:
        return iter(self._slots.values())

    @property
    def names(self) -> tuple[str, ...]:
        """The models that this pod answers for, the default first."""
        return tuple(self._slots)

    def manifests(self) -> dict[str, Manifest]:
        """What the models take that answer now, by their names."""
        return {slot.model: slot.serving.model.manifest for slot in self if slot.serving}

    def get(self, name: str) -> Slot | None:
        """The slot of a model; None for a model that this pod does not answer for."""
        return self._slots.get(name)

    def of_promoted(self, name: str) -> Slot | None:
        """The slot of a promoted model, a new one for a new name; None: it gets none."""
        slot = self._slots.get(name)
        if slot is not None or self._limit is None:
            return slot
        if obstacle := self._obstacle(name, self._limit):
            self._leave_out(name, obstacle)
            return None
        slot = self._slots[name] = Slot(name, pod=self._pod)
        for opened in self._watchers:
            opened(slot)
        return slot

    def watch(self, opened: Callable[[Slot], None]) -> None:
        """Call it with each slot that there is, and with each that comes."""
        self._watchers.append(opened)
        for slot in self:
            opened(slot)

    def _obstacle(self, name: str, limit: int) -> str | None:
        """Why a new name gets no slot; None: it gets one."""
        if not NAME.fullmatch(name):
            return "its name is not of 1 to 200 printable ASCII characters without /"
        if len(self._slots) >= limit:
            return f"this pod answers for {len(self._slots)} models, and no more"
        return None

    def _leave_out(self, name: str, reason: str) -> None:
        known = name[:200]
        if known not in self.left_out and len(self.left_out) < MOST_TOLD:
            self.left_out[known] = reason
            log.error("model left out", model=known, reason=reason)

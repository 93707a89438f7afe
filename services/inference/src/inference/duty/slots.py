"""The models that a pod answers for, each with a slot of its own."""

from collections.abc import Iterator, Sequence

from inference.duty.slot import Slot


class Slots:
    """The slots by the names of their models; the first one answers when none is named."""

    def __init__(self, names: Sequence[str], *, pod: str) -> None:
        self._slots = {name: Slot(name, pod=pod) for name in names}
        self.default = self._slots[names[0]]

    def __iter__(self) -> Iterator[Slot]:
        return iter(self._slots.values())

    @property
    def names(self) -> tuple[str, ...]:
        """The models that this pod answers for, the default first."""
        return tuple(self._slots)

    def get(self, name: str) -> Slot | None:
        """The slot of a model; None for a model that this pod does not answer for."""
        return self._slots.get(name)

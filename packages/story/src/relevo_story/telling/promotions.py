"""Which version should serve, and which pod serves which: promotions and their swaps."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from relevo_contracts import ModelPromoted, ModelServed
from relevo_story.telling import sentences
from relevo_story.telling.facts import Line

PATIENCE = timedelta(seconds=4)
"""How long the first pod's swap waits to be told together with the others'."""

Called = Callable[[str, str], str]
"""Model and version in words: 'version 2', 'pima version 2'."""


@dataclass(frozen=True)
class Promotion:
    """A promotion and the offset of its record."""

    id: str
    offset: int
    event: ModelPromoted

    @property
    def order(self) -> tuple[float, int, int]:
        """The greater one came later; offsets alone begin anew with their topic."""
        return (*self.event.order, self.offset)


class Promotions:
    """All promotions and swaps; repeats change nothing, the order is the events' own.

    `pods` is how many pods are expected to serve; 0 tells of each pod as it comes.
    In `self.pods` is what each pod said last of each model.
    """

    def __init__(self, *, pods: int, called: Called) -> None:
        self._pods_expected = pods
        self._called = called
        self._promotions: dict[str, Promotion] = {}
        self._served: dict[str, dict[str, ModelServed]] = defaultdict(dict)
        self._firsts: dict[tuple[str, str], tuple[float, int, int]] = {}
        self._of_batch: dict[str, list[Promotion]] = defaultdict(list)
        self._seen: set[tuple[str, str, datetime]] = set()
        self._untold: dict[str, list[ModelServed]] = {}
        self.pods: dict[str, dict[str, ModelServed]] = defaultdict(dict)

    def __iter__(self) -> Iterator[Promotion]:
        return iter(sorted(self._promotions.values(), key=lambda p: p.order))

    def promote(self, promotion: Promotion) -> list[Line]:
        """The alias moved."""
        if promotion.id in self._promotions:
            return []
        self._promotions[promotion.id] = promotion
        key = (promotion.event.model, promotion.event.model_version)
        self._firsts[key] = min(promotion.order, self._firsts.get(key, promotion.order))
        if promotion.event.batches:
            self._of_batch[promotion.event.batches[-1]].append(promotion)
        event, is_return = promotion.event, not self.is_first(promotion)
        called = self._called(event.model, event.model_version)
        text = sentences.promoted(event, called=called, is_return=is_return)
        return [Line(event.promoted_at, "champion", text, "news")]

    def serve(self, event: ModelServed) -> list[Line]:
        """A pod swapped, or refused to."""
        models = self.pods[event.pod]
        known = models.get(event.model)
        if known is None or known.served_at <= event.served_at:
            models[event.model] = event
        key = (event.promotion_id, event.pod, event.served_at)
        if key in self._seen:
            return []
        self._seen.add(key)
        called = self._called(event.model, event.model_version)
        if event.outcome == "refused":
            text = sentences.not_served(event, called=called)
            return [Line(event.served_at, "pods", text, "bad")]
        if event.pod in self._served[event.promotion_id]:
            text = sentences.served_again(event, called=called)
            return [Line(event.served_at, "pods", text)]
        self._served[event.promotion_id][event.pod] = event
        waiting = self._untold.setdefault(event.promotion_id, [])
        waiting.append(event)
        complete = len(waiting) >= self._pods_expected
        return [self._tell(event.promotion_id)] if complete else []

    def pass_time(self, now: datetime) -> list[Line]:
        """Tell of pods that swapped while another one keeps the story waiting."""
        overdue = [
            promotion_id
            for promotion_id, events in self._untold.items()
            if now - min(event.served_at for event in events) >= PATIENCE
        ]
        return [self._tell(promotion_id) for promotion_id in overdue]

    def newest(self) -> list[Promotion]:
        """The last promotion of each model."""
        return list({promotion.event.model: promotion for promotion in self}.values())

    def find(self, promotion_id: str) -> Promotion | None:
        """The promotion of that id, if it was read."""
        return self._promotions.get(promotion_id)

    def is_first(self, promotion: Promotion) -> bool:
        """True for the first promotion of a version, false for a return to it."""
        event = promotion.event
        first = self._firsts.get((event.model, event.model_version), promotion.order)
        return promotion.order <= first

    def swaps(self, promotion: Promotion) -> dict[str, ModelServed]:
        """The first swap of each pod that this promotion brought about."""
        return self._served[promotion.id]

    def of_batch(self, batch_id: str) -> list[Promotion]:
        """The first promotions of versions whose newest batch it is, in order."""
        found = filter(self.is_first, self._of_batch[batch_id])
        return sorted(found, key=lambda promotion: promotion.order)

    def _tell(self, promotion_id: str) -> Line:
        events = self._untold.pop(promotion_id)
        last = max(events, key=lambda event: event.served_at)
        promotion = self._promotions.get(promotion_id)
        after = None
        if last.released_at and (promotion is None or self.is_first(promotion)):
            after = (last.served_at - last.released_at).total_seconds()
        pods = [event.pod for event in events]
        called = self._called(last.model, last.model_version)
        text = sentences.served(called, pods, after=after)
        return Line(last.served_at, "pods", text, "good")

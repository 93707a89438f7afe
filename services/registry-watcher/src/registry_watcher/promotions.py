"""What was promoted, as topic and catalog have it: each is mended by the other."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from registry_watcher.isolation import isolated
from registry_watcher.promotion import history_entry, told_by
from registry_watcher.standing import Standing, Told, standing_in
from relevo_contracts.records import Record
from relevo_contracts.results import Promotion
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.reconciling import mended
from relevo_storage.catalog import PromotionHistory

ReadTopic = Callable[[], Awaitable[Sequence[Record]]]
"""All records that stand in `model.promoted` now; raises OutageError."""


class Promotions:
    """told: by model, what the topic says. last: by model, the last one that anybody knows.

    A promotion is recorded, then published. So it has its number before anybody hears of
    it, and one that a death left unpublished is published by the next comparison.
    """

    def __init__(
        self, read_topic: ReadTopic, history: PromotionHistory, publisher: EventPublisher
    ) -> None:
        self.told: dict[str, Told] = {}
        self.last: dict[str, Promotion] = {}
        self._moves: set[tuple[str, datetime | None]] = set()
        self._read_topic = read_topic
        self._history = history
        self._publisher = publisher

    async def add(self, promotion: Told) -> Told:
        """Record and publish a promotion; answers it with its number.

        Raises OutageError; the same promotion may be added again.
        """
        entry = await self._history.record_promotion(history_entry(promotion))
        told = told_by(entry) or promotion
        await self._tell(told)
        self.last[entry.model] = entry
        return told

    def tells_of_move(self, model: str, moved_at: datetime) -> bool:
        """True when one of the model's promotions was about that move of the alias."""
        return (model, moved_at) in self._moves

    async def compare(self) -> bool:
        """Look anew, and mend; True when all could be mended.

        What the topic lost is published again, what the catalog lost is noted again. Raises
        OutageError while one of them cannot be read.
        """
        standing = standing_in(await self._read_topic())
        recorded = {each.model: each for each in await self._history.last_promotions()}
        self.told, self.last = standing.newest, dict(recorded)
        self._moves |= standing.moves
        troubles = [
            await isolated(model, self._compare(model, recorded.get(model), standing))
            for model in sorted(recorded.keys() | standing.newest.keys())
        ]
        return not any(troubles)

    async def _compare(
        self, model: str, recorded: Promotion | None, standing: Standing
    ) -> None:
        told, kept = standing.newest.get(model), recorded and told_by(recorded)
        if told and recorded and recorded.event_id == told.envelope.id:
            if reason := standing.spoiled.get(model):
                await self._tell(told, because=reason)
        elif told and (recorded is None or told.event.order > recorded.order):
            self.last[model] = history_entry(told)
            self.last[model] = await self._history.record_promotion(self.last[model])
            mended("record", f"{model} version {told.event.model_version}")
        elif kept:
            await self._tell(kept, because="it is not in the topic")

    async def _tell(self, promotion: Told, *, because: str = "") -> None:
        event = promotion.event
        await self._publisher.publish(event, promotion.envelope)
        self.told[event.model] = promotion
        self._moves.add((event.model, event.moved_at))
        if because:
            mended("promotion", f"{event.model} version {event.model_version}: {because}")

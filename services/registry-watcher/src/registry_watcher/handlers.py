"""What the watcher does when it hears something: a promotion, a nudge, or its own timer."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from registry_watcher.measuring import show_holds, show_promotions
from registry_watcher.metrics import PROMOTIONS, REFUSALS
from registry_watcher.promotion import (
    cause_of,
    history_entry,
    is_promoted,
    objection,
    promote,
)
from registry_watcher.registry import Champion, Registry
from registry_watcher.settings import SERVICE
from relevo_contracts import Envelope, Manifest, ModelPromoted, PoisonError
from relevo_contracts.registry_notes import Moved
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.telemetry.tracing import working
from relevo_storage.catalog import PromotionHistory
from relevo_storage.object_store import ObjectStore, put_by_hash

log = structlog.get_logger()


class Reconciler:
    """Makes `model.promoted` say what the champion aliases say.

    What was promoted last is known from the topic itself (`remember`), so a watcher that
    died between publishing and noting it down finds its own promotion there.
    """

    def __init__(
        self,
        registry: Registry,
        store: ObjectStore,
        history: PromotionHistory,
        publisher: EventPublisher,
        *,
        read_manifest: Callable[[bytes], Manifest],
    ) -> None:
        self._registry = registry
        self._store = store
        self._history = history
        self._publisher = publisher
        self._read_manifest = read_manifest
        self._last: dict[str, tuple[ModelPromoted, Envelope]] = {}
        self._recorded: set[str] = set()
        self._told_moves: set[tuple[str, datetime | None]] = set()
        self._refused: dict[tuple[str, str], str] = {}

    async def remember(self, event: ModelPromoted, envelope: Envelope, _: int) -> None:
        """A promotion was read from the topic."""
        self._remember(event, envelope)

    async def reconcile(self) -> None:
        """Publish every champion that is not yet promoted; note down what is."""
        champions = await self._registry.champions()
        show_holds({each.model: each.held is not None for each in champions})
        for champion in champions:
            last, _ = self._last.get(champion.model, (None, None))
            if not is_promoted(champion, last):
                await self._relieve(champion)
        for event, envelope in list(self._last.values()):
            if envelope.id not in self._recorded:
                await self._history.record_promotion(history_entry(event, envelope))
                self._recorded.add(envelope.id)
        show_promotions([event for event, _ in self._last.values()])

    def _remember(self, event: ModelPromoted, envelope: Envelope) -> None:
        self._last[event.model] = (event, envelope)
        self._told_moves.add((event.model, event.moved_at))

    async def _relieve(self, champion: Champion) -> None:
        last, last_envelope = self._last.get(champion.model, (None, None))
        try:
            content = await self._registry.bundle(champion)
            if reason := objection(champion, content):
                return await self._refuse(champion, reason)
            manifest = self._read_manifest(content)
        except (FileNotFoundError, PoisonError) as error:
            return await self._refuse(champion, f"no bundle that can be served: {error}")
        bundle = await put_by_hash(
            self._store, f"bundles/{champion.model}", content, suffix=".zip"
        )
        event = promote(
            champion,
            manifest,
            bundle,
            last=last,
            moved=self._untold_move(champion),
            at=datetime.now(UTC),
        )
        cause = cause_of(event, last_envelope.id if last_envelope else None)
        trace = champion.traceparent
        envelope = Envelope.of(event, source=SERVICE, cause=cause, traceparent=trace)
        with working(trace or envelope.traceparent, "promote"):
            await self._publisher.publish(event, envelope)
        self._remember(event, envelope)
        self._refused.pop((champion.model, champion.model_version), None)
        PROMOTIONS.labels(champion.model).inc()
        log.info(
            "model promoted",
            model=event.model,
            version=event.model_version,
            relieves=event.previous_version,
            moved_by=event.moved_by,
            who=event.who,
            why=event.why,
            event_id=envelope.id,
        )

    def _untold_move(self, champion: Champion) -> Moved | None:
        """The note on the move; one that an earlier promotion told is about that one."""
        moved = champion.moved
        if moved is None or (champion.model, moved.at) in self._told_moves:
            return None
        return moved

    async def _refuse(self, champion: Champion, reason: str) -> None:
        key = (champion.model, champion.model_version)
        if self._refused.get(key) == reason:
            return
        await self._registry.refuse(champion, reason)
        self._refused[key] = reason
        REFUSALS.labels(champion.model).inc()
        log.error(
            "champion refused: the version before it goes on serving",
            model=champion.model,
            version=champion.model_version,
            reason=reason,
        )

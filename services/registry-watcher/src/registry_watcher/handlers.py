"""What the watcher does at a nudge and at its own timer: it compares, and promotes."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from registry_watcher.bundles import keep_bundle
from registry_watcher.isolation import isolated
from registry_watcher.measuring import show_holds, show_promotions
from registry_watcher.metrics import HELD_BACK, PROMOTIONS, REFUSALS
from registry_watcher.promotion import cause_of, is_promoted, objection, promote, step_back
from registry_watcher.promotions import Promotions
from registry_watcher.registry import Alias, Champion, Registry
from registry_watcher.settings import SERVICE
from registry_watcher.standing import Told
from relevo_contracts import Envelope, Manifest, ObjectRef, OutageError, PoisonError
from relevo_contracts.registry_notes import Moved
from relevo_runtime.telemetry.tracing import working
from relevo_storage.catalog import Decisions
from relevo_storage.object_store import ObjectStore, put_by_hash

log = structlog.get_logger()


class Reconciler:
    """Makes `model.promoted` say what the champion aliases say."""

    def __init__(
        self,
        registry: Registry,
        store: ObjectStore,
        promotions: Promotions,
        decisions: Decisions,
        *,
        read_manifest: Callable[[bytes], Manifest],
    ) -> None:
        self._registry = registry
        self._store = store
        self._promotions = promotions
        self._decisions = decisions
        self._read_manifest = read_manifest
        self._noted: dict[tuple[str, str], str] = {}

    async def reconcile(self, *, anew: bool) -> bool:
        """Promote every champion that is not yet promoted; True when all agrees then.

        anew: topic, catalog and store are looked at too, and nothing is believed of what
        was known before. Raises OutageError where a server is away; one model's own
        trouble holds up no other.
        """
        agrees = await self._promotions.compare() if anew else True
        aliases = await self._registry.aliases()
        show_holds({each.model: each.held is not None for each in aliases})
        troubles = [
            await isolated(each.model, self._attend(each, anew=anew)) for each in aliases
        ]
        show_promotions([told.event for told in self._promotions.told.values()])
        outages = [each for each in troubles if isinstance(each, OutageError)]
        if outages and len(outages) == len(aliases):
            raise outages[0]
        for outage in outages:
            log.warning("a model waits, the others do not", reason=str(outage))
        return agrees and not any(troubles)

    async def _attend(self, alias: Alias, *, anew: bool) -> None:
        told = self._promotions.told.get(alias.model)
        try:
            champion = await self._registry.champion(alias)
        except FileNotFoundError as error:  # it went while we looked
            raise OutageError(str(error)) from error
        if not is_promoted(champion, told.event if told else None):
            await self._relieve(champion)
        elif told and anew:
            HELD_BACK.labels(alias.model).set(0)
            await keep_bundle(self._store, self._registry, champion, told.event.bundle)

    async def _relieve(self, champion: Champion) -> None:
        try:
            content = await self._registry.bundle(champion)
            if reason := objection(champion, content):
                return await self._refuse(champion, reason)
            manifest = self._read_manifest(content)
        except (FileNotFoundError, PoisonError) as error:
            return await self._refuse(champion, f"no bundle that can be served: {error}")
        last, moved = self._promotions.last.get(champion.model), self._untold_move(champion)
        rejected = await self._rejected(champion.model)
        if reason := step_back(champion, manifest, last, moved, rejected):
            return await self._hold_back(champion, reason)
        bundle = await put_by_hash(
            self._store, f"bundles/{champion.model}", content, suffix=".zip"
        )
        await self._promote(champion, manifest, bundle, moved)

    async def _rejected(self, model: str) -> set[str]:
        """A model bears the name of the dataset that it learns from."""
        decided = (await self._decisions.decisions(model)).values()
        return {each.batch_id for each in decided if each.decision == "rejected"}

    async def _promote(
        self, champion: Champion, manifest: Manifest, bundle: ObjectRef, moved: Moved | None
    ) -> None:
        last, now = self._promotions.last.get(champion.model), datetime.now(UTC)
        event = promote(champion, manifest, bundle, last=last, moved=moved, at=now)
        cause = cause_of(event, last.event_id if last else None)
        trace = champion.traceparent
        envelope = Envelope.of(event, source=SERVICE, cause=cause, traceparent=trace)
        with working(trace or envelope.traceparent, "promote"):
            event = (await self._promotions.add(Told(event, envelope))).event
        self._noted.pop((event.model, event.model_version), None)
        HELD_BACK.labels(event.model).set(0)
        PROMOTIONS.labels(event.model).inc()
        log.info(
            "model promoted",
            model=event.model,
            version=event.model_version,
            number=event.number,
            relieves=event.previous_version,
            moved_by=event.moved_by,
            who=event.who,
            why=event.why,
            event_id=envelope.id,
        )

    def _untold_move(self, champion: Champion) -> Moved | None:
        """The note on the move; one that an earlier promotion told is about that one."""
        moved = champion.moved
        if moved is None or self._promotions.tells_of_move(champion.model, moved.at):
            return None
        return moved

    async def _refuse(self, champion: Champion, reason: str) -> None:
        if self._is_noted(champion, reason):
            return
        await self._registry.refuse(champion, reason)
        self._note(champion, reason)
        REFUSALS.labels(champion.model).inc()
        log.error(
            "champion refused: the version before it goes on serving",
            model=champion.model,
            version=champion.model_version,
            reason=reason,
        )

    async def _hold_back(self, champion: Champion, reason: str) -> None:
        HELD_BACK.labels(champion.model).set(1)
        if self._is_noted(champion, reason):
            return
        await self._registry.hold_back(champion, reason)
        self._note(champion, reason)
        log.error(
            "champion held back: what serves goes on serving",
            model=champion.model,
            version=champion.model_version,
            reason=reason,
        )

    def _is_noted(self, champion: Champion, reason: str) -> bool:
        return self._noted.get((champion.model, champion.model_version)) == reason

    def _note(self, champion: Champion, reason: str) -> None:
        self._noted[champion.model, champion.model_version] = reason

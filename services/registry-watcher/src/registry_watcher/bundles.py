"""The promoted bundles lie in the store: one that it has lost is put back from MLflow."""

import structlog

from registry_watcher.metrics import BUNDLE_LOST
from registry_watcher.promotion import objection
from registry_watcher.registry import Champion, Registry
from relevo_contracts import ObjectRef
from relevo_runtime.reconciling import mended
from relevo_storage.object_store import ObjectStore

log = structlog.get_logger()


async def keep_bundle(
    store: ObjectStore, registry: Registry, champion: Champion, bundle: ObjectRef
) -> None:
    """Put the champion's bundle where its promotion says, if it is not there.

    Says so where MLflow has lost it too: then only a person can help.
    """
    lost = BUNDLE_LOST.labels(champion.model)
    if await store.exists(bundle.key):
        lost.set(0)
        return
    try:
        content = await registry.bundle(champion)
        reason = objection(champion, content)
    except FileNotFoundError as error:
        reason = str(error)
    if reason:
        lost.set(1)
        log.error(
            "the promoted bundle is lost, pods that start have no model: promote another"
            " version, or let the trainer learn from the batches again",
            model=champion.model,
            version=champion.model_version,
            reason=reason,
        )
        return
    await store.put(bundle.key, content)
    lost.set(0)
    mended("bundle", bundle.key)

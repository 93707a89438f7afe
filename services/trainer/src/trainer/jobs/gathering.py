"""The clean batches up to a new one, out of the store; earlier ones may be lost."""

import asyncio
from collections.abc import Mapping

import structlog

from relevo_contracts import BatchClean, ObjectRef, PoisonError
from relevo_storage import MissingError, ObjectStore, get_verified
from trainer.learning.assignment import Table
from trainer.metrics import LOST

LOOK_AGAIN_SECONDS = 5.0
log = structlog.get_logger()


async def gather(
    event: BatchClean, earlier: Mapping[str, ObjectRef], store: ObjectStore
) -> tuple[tuple[Table, ...], dict[str, str]]:
    """The event's own batch after the earlier ones, and why some of them are left out.

    earlier: batch id -> its table, in order. One is left out whose object is not there, or
    is another one, also when it is looked for a second time. Raises OutageError while the
    store is away or has not the event's own object, PoisonError when that is another one.
    """
    own = await _table(store, event.batch_id, event.table)
    found, lost = await _look(store, earlier)
    if lost:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        again, lost = await _look(store, {batch: earlier[batch] for batch in lost})
        found |= again
    LOST.labels(event.dataset).set(len(lost))
    for batch_id, why in lost.items():
        log.error("left out of what is learned from", lost=batch_id, reason=why)
    return (*(found[batch] for batch in earlier if batch in found), own), lost


async def _look(
    store: ObjectStore, wanted: Mapping[str, ObjectRef]
) -> tuple[dict[str, Table], dict[str, str]]:
    found, lost = {}, {}
    for batch_id, reference in wanted.items():
        try:
            found[batch_id] = await _table(store, batch_id, reference)
        except (MissingError, PoisonError) as error:
            lost[batch_id] = str(error)
    return found, lost


async def _table(store: ObjectStore, batch_id: str, reference: ObjectRef) -> Table:
    content = await get_verified(store, reference)
    return Table(batch_id, reference.key, reference.sha256, content)

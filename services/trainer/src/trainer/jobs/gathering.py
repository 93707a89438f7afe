"""The clean batches up to a new one, out of the store; earlier ones may be lost."""

import asyncio

import structlog

from relevo_contracts import BatchClean, ObjectRef, PoisonError
from relevo_contracts.results import Stage, Verdict
from relevo_storage import Catalog, MissingError, ObjectStore, get_verified
from trainer.learning.assignment import Table
from trainer.metrics import LEFT_OUT

LOOK_AGAIN_SECONDS = 5.0
log = structlog.get_logger()


async def gather(
    event: BatchClean, store: ObjectStore, catalog: Catalog
) -> tuple[tuple[Table, ...], dict[str, str]]:
    """The event's own batch, after all before it, in order; and why some are left out.

    An earlier batch is left out whose object is not there, or is another one, also when it
    is looked for a second time. Raises OutageError while the store is away or has not the
    event's own object, and PoisonError when that is another one.
    """
    own = await _table(store, event.batch_id, event.table)
    wanted = {
        result.batch_id: result.table
        for result in await catalog.results(event.dataset, Stage.CLEAN)
        if result.number < event.number
        and result.verdict is Verdict.ACCEPTED
        and result.table is not None
    }
    found, lost = await _look(store, wanted)
    if lost:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        again, lost = await _look(store, {batch: wanted[batch] for batch in lost})
        found |= again
    LEFT_OUT.labels(event.dataset).set(len(lost))
    for batch_id, why in lost.items():
        log.error("left out of what is learned from", left_out=batch_id, reason=why)
    return (*(found[batch] for batch in wanted if batch in found), own), lost


async def _look(
    store: ObjectStore, wanted: dict[str, ObjectRef]
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

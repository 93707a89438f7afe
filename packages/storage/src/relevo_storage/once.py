"""One result per batch and stage, however often a batch is heard of; the order of effects.

Result, catalog row with its announcement, announcement, mark: a kill between any two of
them is made good by doing the same again, and each has one identity.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from relevo_contracts.results import Stage, StageResult
from relevo_storage.catalog import Catalog

T = TypeVar("T")
Work = Callable[[], Awaitable[StageResult]]
Announce = Callable[[StageResult], Awaitable[None]]
"""Tells the others of a result; may be called again with the same one."""


class Reach(Protocol):
    """How an effect is brought about while `what` may be away: at once, or patiently."""

    async def __call__(
        self, operation: Callable[[], Awaitable[T]], /, *, what: str
    ) -> T: ...


async def at_once(operation: Callable[[], Awaitable[T]], /, *, what: str) -> T:  # noqa: ARG001
    """One attempt; the caller hears of an outage."""
    return await operation()


async def once(
    catalog: Catalog,
    batch_id: str,
    stage: Stage,
    work: Work,
    *,
    announce: Announce | None = None,
    recorded: Callable[[StageResult], None] = lambda _: None,
    reach: Reach = at_once,
) -> StageResult:
    """The result that stands, announced; `work` makes it where there is none yet.

    recorded: told of the result that stands after work was done. announce: None where a
    stage tells nobody. Raises what these raise; nothing after that was done then.
    """
    result = await reach(lambda: catalog.find(batch_id, stage), what="the catalog")
    if result is None:
        made = await work()
        result = await reach(lambda: catalog.record(made), what="the catalog")
        recorded(result)
    if announce is not None:
        await make_known(catalog, result, announce, reach=reach)
    return result


async def make_known(
    catalog: Catalog, result: StageResult, announce: Announce, *, reach: Reach = at_once
) -> None:
    """Announce a result, then note in the catalog that it was announced."""
    await reach(lambda: announce(result), what="Kafka")
    await reach(
        lambda: catalog.mark_announced(result.batch_id, result.stage), what="the catalog"
    )

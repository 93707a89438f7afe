"""One result per batch and stage, however often a batch is heard of; the order of effects.

Result, catalog row with its announcement, announcement, mark: a kill between any two of
them is made good by doing the same again, and each has one identity. Who works has the
lease: of two that hear of a batch one works, and the other waits for its result.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from relevo_contracts.results import Stage, StageResult
from relevo_storage.catalog import Catalog

T = TypeVar("T")
Work = Callable[[], Awaitable[StageResult]]
Announce = Callable[[StageResult], Awaitable[None]]
"""Tells the others of a result; may be called again with the same one."""


@dataclass(frozen=True)
class Fatal:
    """What becomes of work that killed `deaths` processes in a row.

    refused: the result that it has then, by its reason; a person may ask for another.
    """

    deaths: int
    refused: Callable[[str], StageResult]


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
    fatal: Fatal | None = None,
) -> StageResult:
    """The result that stands, announced; `work` makes it where there is none yet.

    recorded: told of the result that stands after work was done. announce: None where a
    stage tells nobody. fatal: None where work is tried again however often it kills.
    Raises what these raise; nothing after that was done then. Raises OutageError while
    another process works on it. Work whose lease is lost is cancelled.
    """

    async def worked() -> StageResult:
        async with catalog.lease(batch_id, stage) as died:
            result = await catalog.find(batch_id, stage)  # of who had the lease before
            if result is None:
                if fatal is not None and died >= fatal.deaths:
                    made = fatal.refused(f"its processing killed the process {times(died)}")
                else:
                    made = await work()
                result = await reach(lambda: catalog.record(made), what="the catalog")
                recorded(result)
            return result

    result = await reach(lambda: catalog.find(batch_id, stage), what="the catalog")
    if result is None:
        result = await reach(worked, what="the catalog")
    if announce is not None:
        await make_known(catalog, result, announce, reach=reach)
    return result


def times(count: int) -> str:
    """How often, in words."""
    words = {1: "once", 2: "twice", 3: "three times"}
    return words.get(count, f"{count} times")


async def make_known(
    catalog: Catalog, result: StageResult, announce: Announce, *, reach: Reach = at_once
) -> None:
    """Announce a result, then note in the catalog that it was announced."""
    await reach(lambda: announce(result), what="Kafka")
    await reach(
        lambda: catalog.mark_announced(result.batch_id, result.stage), what="the catalog"
    )

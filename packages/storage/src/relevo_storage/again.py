"""What the next stage has no result for is announced again, whatever became of the message.

The catalog knows who has which result; a topic can lose a message: with its volume, by its
retention, or because a bug buried it. Ids are the same, so a repeat changes nothing. What
the next stage has still to read is hardly lost: a mere backlog is left alone for an hour.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial

from relevo_contracts.lanes import lanes
from relevo_contracts.results import Stage, StageResult
from relevo_storage.catalog import Catalog
from relevo_storage.once import Announce, make_known

NEXT = {Stage.RAW: Stage.CLEAN, Stage.CLEAN: Stage.TRAINED}
"""Which stage answers an announcement."""

LISTENERS = {Stage.RAW: "cleaner", Stage.CLEAN: "trainer"}
"""Whose groups hear it, one per dataset."""

FIRST_SECONDS = 60.0
BACKLOG_SECONDS = 60 * 60.0
LONGEST_SECONDS = 24 * 60 * 60.0
"""Between two announcements, each time twice as long: no batch is told each minute."""

HasUnread = Callable[[], Awaitable[bool]]
"""True while the next stage has messages to read; raises OutageError."""


class Unanswered:
    """The announcements of one stage and dataset that nobody has answered.

    The first look takes all that are older than the first delay, however often they were
    told: at a start nobody knows what the topic went through meanwhile.
    """

    def __init__(
        self,
        catalog: Catalog,
        dataset: str,
        stage: Stage,
        announce: Announce,
        *,
        has_unread: HasUnread,
    ) -> None:
        self._catalog = catalog
        self._dataset = dataset
        self._stage = stage
        self._announce = announce
        self._has_unread = has_unread
        self._longest = FIRST_SECONDS

    async def announce_again(self) -> AsyncIterator[str]:
        """Announce what is due, the oldest batch first; the ids of its batches.

        Raises OutageError while the catalog or the broker is away, and what `announce`
        raises; what was not reached is due at the next look.
        """
        due = await self._due(FIRST_SECONDS, self._longest)
        if due and await self._has_unread():
            due = await self._due(BACKLOG_SECONDS, LONGEST_SECONDS)
        for result in due:
            await make_known(self._catalog, result, self._announce)
            yield result.batch_id
        self._longest = LONGEST_SECONDS

    async def _due(self, first: float, longest: float) -> list[StageResult]:
        next_stage = NEXT[self._stage]
        return await self._catalog.unanswered(
            self._dataset, self._stage, by=next_stage, first=first, longest=longest
        )


def unanswered_by_dataset(
    catalog: Catalog,
    stage: Stage,
    announce: Announce,
    *,
    datasets: Sequence[str],
    has_unread: Callable[[str], Awaitable[bool]],
) -> list[Unanswered]:
    """Those of one stage, dataset by dataset: none waits for another.

    has_unread: whether a consumer group has messages to read; raises OutageError.
    """
    groups = lanes(LISTENERS[stage], datasets)
    return [
        Unanswered(catalog, name, stage, announce, has_unread=partial(has_unread, group))
        for name, group in zip(datasets, groups, strict=True)
    ]

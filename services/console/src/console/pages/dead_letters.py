"""The page `Dead letters`: by reason, one opened, what came of those sent again."""

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from console.doing.hands import Hands
from console.pages.records import readable
from console.pages.shell import Shell
from relevo_contracts import OutageError
from relevo_contracts.errors import first_line
from relevo_operations.dead_letters import hindrance
from relevo_operations.errors import OperationError
from relevo_operations.letters import Letter, place_of

Everything = Annotated[bool, Query(alias="all")]
AWAY = "the dead letters cannot be read just now"


def routes(shell: Shell, hands: Hands) -> APIRouter:
    """The list and one letter."""
    router = APIRouter()

    @router.get("/dead-letters", response_class=HTMLResponse)
    async def dead_letters(everything: Everything = False) -> HTMLResponse:
        found: Sequence[Letter] = ()
        trouble = None
        try:
            async with hands.letters() as letters:
                found = await letters.letters()
        except OutageError as error:
            trouble = f"{AWAY}: {first_line(error)}"
        shown = [each for each in found if everything or each.state != "done"]
        return shell.page(
            "dead_letters.html",
            key="dead-letters",
            status=503 if trouble else 200,
            groups=by_reason(shown),
            hidden=len(found) - len(shown),
            everything=everything,
            trouble=trouble,
        )

    @router.get("/dead-letters/{topic}/{partition}/{offset}", response_class=HTMLResponse)
    async def one(topic: str, partition: int, offset: int) -> HTMLResponse:
        letter, trouble, status = None, None, 200
        place = place_of(topic, partition, offset)
        try:
            async with hands.letters() as letters:
                letter = await letters.letter(place)
        except OperationError as error:
            trouble, status = str(error), 404
        except OutageError as error:
            trouble, status = f"{AWAY}: {first_line(error)}", 503
        return shell.page(
            "dead_letter.html",
            key="dead-letters",
            status=status,
            place=place,
            letter=letter,
            record=letter and readable(letter.record),
            hindrance=letter and hindrance(letter),
            trouble=trouble,
        )

    return router


def by_reason(letters: Sequence[Letter]) -> list[tuple[str, list[Letter], int]]:
    """Each reason with its letters, the newest first, and how many can be sent again."""
    ordered = sorted(letters, key=lambda letter: letter.reason)
    groups = []
    for reason, found in groupby(ordered, key=lambda letter: letter.reason):
        members = sorted(found, key=lambda letter: letter.died_at, reverse=True)
        waiting = [m for m in members if m.state == "new" and hindrance(m) is None]
        groups.append((reason, members, len(waiting)))
    return sorted(groups, key=lambda group: group[1][0].died_at, reverse=True)

"""The page `History`: what people did and who was promoted, with who and why."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from console.doing.hands import Hands
from console.pages.shell import Shell
from relevo_contracts import OutageError
from relevo_contracts.actions import Action
from relevo_contracts.errors import first_line
from relevo_contracts.results import Promotion

SHOWN = 200


def routes(shell: Shell, hands: Hands) -> APIRouter:
    """The page."""
    router = APIRouter()

    @router.get("/history", response_class=HTMLResponse)
    async def history(subject: str = "") -> HTMLResponse:
        entries: list[Action | Promotion] = []
        trouble = None
        try:
            async with hands.history() as kept:
                actions = await kept.actions(subject=subject or None, limit=SHOWN)
                promotions = await kept.promotions(subject or None)
            entries = newest_first(actions, promotions)[:SHOWN]
        except OutageError as error:
            trouble = f"the history cannot be read just now: {first_line(error)}"
        return shell.page(
            "history.html",
            key="history",
            status=503 if trouble else 200,
            entries=entries,
            subject=subject,
            trouble=trouble,
        )

    return router


def newest_first(
    actions: list[Action], promotions: list[Promotion]
) -> list[Action | Promotion]:
    """Both in one list."""

    def at(entry: Action | Promotion) -> float:
        time = entry.at if isinstance(entry, Action) else entry.promoted_at
        return time.timestamp()

    return sorted([*actions, *promotions], key=at, reverse=True)

"""The page `History`: what people did and who was promoted, with who and why."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from console.doing.hands import Hands
from console.pages.shell import Shell
from relevo_contracts import OutageError
from relevo_contracts.errors import first_line
from relevo_operations.history import Told, all_told

SHOWN = 200


def routes(shell: Shell, hands: Hands) -> APIRouter:
    """The page."""
    router = APIRouter()

    @router.get("/history", response_class=HTMLResponse)
    async def history(subject: str = "") -> HTMLResponse:
        entries: list[Told] = []
        trouble = None
        try:
            async with hands.history() as kept:
                told = await all_told(kept, subject=subject or None, limit=SHOWN)
            entries = told[::-1]
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

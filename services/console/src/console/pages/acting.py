"""The page on which a person confirms what is to be done, says who and why, and does it."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, Response
from starlette.requests import Request

from console.doing.deeds import SAID, Wish, do, foretold, letters_of
from console.doing.hands import Hands
from console.pages.guards import Guard
from console.pages.shell import Shell
from relevo_contracts import OutageError
from relevo_contracts.actions import Action
from relevo_contracts.errors import first_line
from relevo_operations.errors import OperationError
from relevo_operations.history import Person
from relevo_operations.letters import Letter
from relevo_runtime.http.keys import Holder
from relevo_runtime.http.lock import HOLDER

LONGEST = 500
"""Of a name and of a reason, in characters."""
NOTHING = {"who": "", "why": ""}


def routes(shell: Shell, hands: Hands, guard: Guard) -> APIRouter:
    """What is to be done is told by GET and done by POST."""
    router = APIRouter()

    def page(
        request: Request,
        wish: Wish | None,
        *,
        letters: Sequence[Letter] = (),
        foretold: str = "",
        done: Sequence[Action] = (),
        trouble: str | None = None,
        status: int = 200,
        said: Mapping[str, str] = NOTHING,
    ) -> Response:
        return guard.page(
            shell,
            request,
            "acting.html",
            key=here(wish),
            status=status,
            wish=wish,
            told=wish and SAID[wish.what],
            needs_why=wish is not None and wish.needs_why,
            letters=letters,
            foretold=foretold,
            done=done,
            trouble=trouble,
            said=said,
        )

    @router.get("/act", response_class=HTMLResponse)
    async def confirm(request: Request) -> Response:
        wish = None
        try:
            wish = Wish.of(request.query_params)
            if wish.is_on_a_batch:
                return page(request, wish, foretold=await foretold(wish, hands))
            letters = [] if wish.is_on_a_model else await letters_of(wish, hands)
        except (OperationError, OutageError) as error:
            return page(request, wish, trouble=str(error), status=409)
        return page(request, wish, letters=letters)

    @router.post("/act", response_class=HTMLResponse)
    async def act(request: Request) -> Response:
        wish = None
        said: Mapping[str, str] = NOTHING
        try:
            fields = await guard.form(request)
            wish = Wish.of(fields)
            said = {name: fields.get(name, "").strip()[:LONGEST] for name in ("who", "why")}
            if not said["who"]:
                raise OperationError("nothing is done without a name: say who you are")
            who = said["who"] + by_key(request)
            done = await do(wish, hands, Person(who, said["why"] or None))
        except HTTPException as error:
            trouble, status = str(error.detail), error.status_code
            return page(request, wish, trouble=trouble, status=status, said=said)
        except OperationError as error:
            return page(request, wish, trouble=str(error), status=409, said=said)
        except OutageError as error:
            return page(request, wish, trouble=first_line(error), status=503, said=said)
        return page(request, wish, done=done, said=said)

    return router


def by_key(request: Request) -> str:
    """Whose key it was, for the history, which else has only what a person says."""
    holder: Holder | None = request.scope.get(HOLDER)
    return f" (key {holder.name})" if holder else ""


def here(wish: Wish | None) -> str:
    """Which page of the navigation a deed belongs to."""
    if wish is None:
        return "history"
    if wish.is_on_a_batch:
        return "batches"
    return "models" if wish.is_on_a_model else "dead-letters"

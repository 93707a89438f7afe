"""The page that takes a person's key: it stays in a cookie that no script can read."""

import re
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.requests import Request

from console.access import KEY_COOKIE, KEY_PAGE
from console.pages.guards import Guard
from console.pages.shell import Shell

Told = Annotated[str, Query(max_length=2000)]
is_local = re.compile(r"/(?![/\\])[\x21-\x7e]*").fullmatch
looks_like_one = re.compile(r"[A-Za-z0-9_-]{1,200}").fullmatch


def routes(shell: Shell, guard: Guard, base: str) -> APIRouter:
    """A key is not tried here: the page that wanted it says whether it will do."""
    router = APIRouter()

    def page(
        request: Request,
        *,
        needs: str = "",
        after: str = "",
        trouble: str | None = None,
        status: int = 200,
    ) -> Response:
        return guard.page(
            shell,
            request,
            "key.html",
            key="key",
            status=status,
            needs=[scope for scope in needs.split() if scope.isalpha()],
            after=after,
            trouble=trouble,
            has_key=KEY_COOKIE in request.cookies,
        )

    @router.get(KEY_PAGE, response_class=HTMLResponse)
    async def ask(
        request: Request, needs: Told = "", after: Annotated[Told, Query(alias="next")] = ""
    ) -> Response:
        return page(request, needs=needs, after=after)

    @router.post(KEY_PAGE, response_class=HTMLResponse)
    async def take(request: Request) -> Response:
        try:
            fields = await guard.form(request)
        except HTTPException as error:
            return page(request, trouble=str(error.detail), status=error.status_code)
        key, path = fields.get("key", "").strip(), fields.get("next", "").removeprefix(base)
        if key and not looks_like_one(key):
            return page(request, trouble="that is no key", status=400)
        answer = RedirectResponse(base + (path if is_local(path) else "/"), 303)
        if key:
            guard.keep(request, answer, KEY_COOKIE, key)
        else:
            guard.forget(answer, KEY_COOKIE)
        return answer

    return router

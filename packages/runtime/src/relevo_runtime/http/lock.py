"""The lock of every door: whoever has no key, or not the right one, comes no further."""

from collections.abc import Set
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from relevo_contracts.keys import Scope as KeyScope
from relevo_runtime.http.access import Access
from relevo_runtime.http.keys import Holder, KeyRing, key_in
from relevo_runtime.metrics import KEYED

HOLDER = "relevo.key"
"""In the scope of a request: the Holder of its key."""
REALM = 'Bearer realm="relevo"'


class Lock:
    """ASGI middleware. Bodies of those who are refused are not read."""

    def __init__(self, app: ASGIApp, keys: KeyRing, access: Access) -> None:
        self._app = app
        self._keys = keys
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        needed = self._access.needed(scope["method"], path)
        if not needed:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        holder = self._keys.find(self._key(request))
        if refusal := refused(holder, needed):
            page = self._sign_in(request, refusal, needed)
            await (page or refusal)(scope, receive, send)
        elif holder:
            holder.is_admitted()
            scope[HOLDER] = holder
            with bound_contextvars(key=holder.name):
                await self._app(scope, receive, send)

    def _key(self, request: Request) -> bytes:
        key = key_in(request.scope["headers"])
        if not key and self._access.cookie:
            return request.cookies.get(self._access.cookie, "").encode()
        return key

    def _sign_in(
        self, request: Request, refusal: Response, needed: Set[KeyScope]
    ) -> Response | None:
        """For a person in a browser: the way to the page that takes a key."""
        headers = request.headers
        is_page = "text/html" in headers.get("accept", "") and "hx-request" not in headers
        if not (self._access.sign_in and is_page) or refusal.status_code == _LIMITED:
            return None
        told = {"needs": " ".join(sorted(needed))}
        if request.method == "GET":
            told["next"] = f"{request.url.path}?{request.url.query}".rstrip("?")
        return RedirectResponse(f"{self._access.sign_in}?{urlencode(told)}", 303)


def refused(holder: Holder | None, needed: Set[KeyScope]) -> Response | None:
    """Why a request is not let in; None: it is."""
    wanted = " or ".join(sorted(needed))
    if holder is None:
        KEYED.labels("", "unknown").inc()
        detail = f"this needs a key of scope {wanted}, in X-API-Key or as a bearer's token"
        return problem(HTTPStatus.UNAUTHORIZED, detail, {"www-authenticate": REALM})
    if not holder.scopes & needed:
        holder.is_forbidden()
        scope = " ".join(sorted(needed))
        asked = f'{REALM}, error="insufficient_scope", scope="{scope}"'
        detail = f"the key {holder.name!r} is not of scope {wanted}, which this needs"
        return problem(HTTPStatus.FORBIDDEN, detail, {"www-authenticate": asked})
    if holder.rate and not holder.rate.take():
        holder.is_limited()
        detail = f"the key {holder.name!r} has asked more often than it may"
        return problem(_LIMITED, detail, {"retry-after": str(holder.rate.seconds)})
    return None


_LIMITED = HTTPStatus.TOO_MANY_REQUESTS


def problem(status: HTTPStatus, detail: str, headers: dict[str, str]) -> Response:
    """As all refusals are told (RFC 9457)."""
    facts = {"type": "about:blank", "title": status.phrase, "status": status.value}
    return JSONResponse(
        facts | {"detail": detail},
        status_code=status,
        headers={"cache-control": "no-store", **headers},
        media_type="application/problem+json",
    )

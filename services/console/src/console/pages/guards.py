"""Who may send to the console: its own pages, which carry a token."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import HTTPException
from fastapi.responses import HTMLResponse, Response
from starlette.requests import Request

from console.pages.shell import Shell

COOKIE = "relevo_csrf"
FIELD = "csrf"
HEADER = "x-csrf-token"
MOST_BYTES = 2**17
"""Of a form; fifty times one with every field."""
MOST_FIELDS = 1_000
AGAIN = "load the page again and send it once more"


class Guard:
    """Tokens of pages, and cookies that no script and no other site can use.

    A token is signed, stands in the page and in a cookie, and both must be the same: a
    stranger's page can read neither. It holds until the console is started anew.
    """

    def __init__(self, base: str = "") -> None:
        self._path = base or "/"
        self._secret = secrets.token_bytes(32)

    def token(self, request: Request) -> str:
        """What the forms of a page carry: the browser's own token, or a new one."""
        known = request.cookies.get(COOKIE, "")
        return known if self._is_ours(known) else self._signed(secrets.token_urlsafe(18))

    def give(self, request: Request, response: Response, token: str) -> None:
        """Let the browser remember the token of its pages."""
        self.keep(request, response, COOKIE, token)

    def keep(self, request: Request, response: Response, name: str, value: str) -> None:
        """Let the browser keep something for the console, until it is closed."""
        is_https = request.url.scheme == "https"
        response.set_cookie(
            name, value, path=self._path, httponly=True, samesite="strict", secure=is_https
        )

    def forget(self, response: Response, name: str) -> None:
        """Let the browser keep it no more."""
        response.delete_cookie(name, path=self._path, httponly=True, samesite="strict")

    def page(
        self, shell: Shell, request: Request, template: str, **shown: Any
    ) -> HTMLResponse:
        """A page with forms: `shown` and the token that they carry, which is given too."""
        token = self.token(request)
        answer = shell.page(template, token=token, token_field=FIELD, **shown)
        self.give(request, answer, token)
        return answer

    def check(self, request: Request, token: str | None = None) -> None:
        """Take a request that changes something; token: None: it is in the header.

        Raises HTTPException 403 for one that no page of the console sent.
        """
        if not is_from_here(request.headers):
            raise HTTPException(403, "this was sent by a page of another site")
        given = request.headers.get(HEADER, "") if token is None else token
        if not (self._is_ours(given) and same(given, request.cookies.get(COOKIE, ""))):
            raise HTTPException(403, f"the page is of an earlier session: {AGAIN}")

    async def form(self, request: Request) -> dict[str, str]:
        """The fields of a form that a page of the console sent, the token apart.

        Raises HTTPException: 403 as `check`, 413 for too much, 400 for what is no form.
        """
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise HTTPException(413, f"a form has {MOST_BYTES} bytes at most")
        try:
            pairs = parse_qsl(
                body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS
            )
        except ValueError as error:
            raise HTTPException(400, "this is no form") from error
        fields = dict(pairs)
        self.check(request, fields.pop(FIELD, ""))
        return fields

    def _signed(self, nonce: str) -> str:
        digest = hmac.new(self._secret, nonce.encode(), hashlib.sha256)
        return f"{nonce}.{digest.hexdigest()}"

    def _is_ours(self, token: str) -> bool:
        return same(token, self._signed(token.partition(".")[0]))


def same(one: str, other: str) -> bool:
    """True for equal texts; takes as long whatever they are, and wherever they differ."""
    return hmac.compare_digest(*(hashlib.sha256(t.encode()).digest() for t in (one, other)))


def is_from_here(headers: Mapping[str, str]) -> bool:
    """True unless the browser says that a page of elsewhere sent it.

    Browsers tell Sec-Fetch-Site over https and on this machine, else Origin; a program
    tells neither, and has no cookie of anybody's.
    """
    if site := headers.get("sec-fetch-site"):
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")

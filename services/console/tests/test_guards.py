"""Only the console's own pages may send something."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from starlette.requests import Request

from console.pages.guards import COOKIE, FIELD, HEADER, MOST_BYTES, Guard

HERE = "http://console"


def app_of(guard: Guard) -> FastAPI:
    app = FastAPI()

    @app.get("/page")
    async def page(request: Request) -> PlainTextResponse:
        token = guard.token(request)
        answer = PlainTextResponse(token)
        guard.give(request, answer, token)
        return answer

    @app.post("/form")
    async def form(request: Request) -> dict[str, str]:
        return await guard.form(request)

    @app.post("/upload")
    async def upload(request: Request) -> None:
        guard.check(request)

    return app


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app_of(Guard()))
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
        yield client


async def test_a_form_of_the_console_is_taken_without_its_token(
    browser: httpx.AsyncClient,
) -> None:
    token = (await browser.get("/page")).text
    sent = {FIELD: token, "a b": "1 & 2", "empty": ""}
    answer = await browser.post("/form", data=sent, headers={"origin": HERE})

    assert answer.json() == {"a b": "1 & 2", "empty": ""}
    assert (await browser.get("/page")).text == token


async def test_the_cookie_stays_with_the_console(browser: httpx.AsyncClient) -> None:
    told = (await browser.get("/page")).headers["set-cookie"].lower()

    assert "samesite=strict" in told
    assert "httponly" in told


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://elsewhere"},
        {"origin": "null"},
    ],
)
async def test_a_page_of_elsewhere_is_refused_though_it_had_the_token(
    browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    token = (await browser.get("/page")).text
    answer = await browser.post("/form", data={FIELD: token}, headers=headers)

    assert answer.status_code == 403
    assert "another site" in answer.text


async def test_a_token_of_ones_own_making_is_none(browser: httpx.AsyncClient) -> None:
    browser.cookies.set(COOKIE, "made.up")

    for answer in (
        await browser.post("/form", data={FIELD: "made.up"}),
        await browser.post("/upload", headers={HEADER: "made.up"}),
        await browser.post("/form", data={}),
    ):
        assert answer.status_code == 403
        assert "load the page again" in answer.text


async def test_a_token_of_another_browser_is_none(browser: httpx.AsyncClient) -> None:
    token = (await browser.get("/page")).text
    browser.cookies.clear()
    await browser.get("/page")

    assert (await browser.post("/upload", headers={HEADER: token})).status_code == 403


async def test_an_upload_has_its_token_in_a_header(browser: httpx.AsyncClient) -> None:
    token = (await browser.get("/page")).text

    assert (await browser.post("/upload", headers={HEADER: token})).status_code == 200


async def test_a_form_that_never_ends_is_given_up(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/form", content=b"a" * (MOST_BYTES + 1))

    assert answer.status_code == 413


async def test_what_is_no_form_is_refused(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/form", content=b"\xff=1")).status_code == 400

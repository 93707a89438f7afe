"""What every service does with a request before and after its own code."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from relevo_runtime.http.settings import HttpSettings
from relevo_runtime.http.shell import surround

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
Client = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """Makes clients of a service with these settings."""
    opened: list[httpx.AsyncClient] = []

    async def where(request: Request) -> Response:
        structlog.get_logger().info("asked")
        return JSONResponse(
            {"url": str(request.url_for("where")), "method": request.method}
        )

    async def large(_: Request) -> Response:
        return PlainTextResponse("x" * 5000)

    app = Starlette(routes=[Route("/where", where), Route("/large", large)])

    def make(**settings: object) -> httpx.AsyncClient:
        shell = surround(app, HttpSettings.model_validate(settings))
        transport = httpx.ASGITransport(shell)
        opened.append(httpx.AsyncClient(transport=transport, base_url="http://here"))
        return opened[-1]

    yield make
    await asyncio.gather(*(each.aclose() for each in opened))


@pytest.mark.parametrize("path", ["/where", "/relevo/where"])
@pytest.mark.parametrize("forwarded", [True, False])
async def test_below_a_prefix_links_have_it_whether_a_proxy_took_it_off_or_not(
    client: Client, path: str, forwarded: bool
) -> None:
    here = client() if forwarded else client(http_prefix="/relevo")
    headers = {"x-forwarded-prefix": "/relevo/"} if forwarded else {}

    answer = await here.get(path, headers=headers)

    assert answer.json()["url"] == "http://here/relevo/where"


@pytest.mark.parametrize("prefix", ["//evil.example", '/a"><b>', "/a/../..//", "x" * 300])
async def test_a_prefix_that_is_no_plain_path_is_passed_over(
    client: Client, prefix: str
) -> None:
    answer = await client().get("/where", headers={"x-forwarded-prefix": prefix})

    assert answer.json()["url"] == "http://here/where"


async def test_the_callers_ids_are_in_the_answer_and_in_the_log(client: Client) -> None:
    headers = {"x-request-id": "order-7", "traceparent": TRACE}
    processors = [structlog.contextvars.merge_contextvars]
    with capture_logs(processors=processors) as logged:
        answer = await client().get("/where", headers=headers)

    assert {name: answer.headers[name] for name in headers} == headers
    assert (logged[0]["request_id"], logged[0]["traceparent"]) == ("order-7", TRACE)


async def test_an_id_that_is_none_is_not_echoed(client: Client) -> None:
    headers = {"x-request-id": "x" * 200, "traceparent": "00-zz"}

    answer = await client().get("/where", headers=headers)

    assert not headers.keys() & answer.headers.keys()


async def test_head_is_get_for_the_application(client: Client) -> None:
    assert (await client().head("/where")).status_code == 200


async def test_large_answers_are_compressed_for_whom_it_is_asked(client: Client) -> None:
    async with client().stream("GET", "/large") as answer:
        content = b"".join([each async for each in answer.aiter_raw()])
    plain = await client().get("/large", headers={"accept-encoding": "identity"})
    off = await client(http_gzip=False).get("/large")

    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(content) == plain.content == b"x" * 5000
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in off.headers


async def test_pages_of_others_may_ask_only_where_a_setting_says_so(client: Client) -> None:
    headers = {"origin": "https://page.example"}
    allowing = client(http_cors_origins="https://page.example,https://other.example")

    closed = await client().get("/where", headers=headers)
    opened = await allowing.get("/where", headers=headers)
    asked = await allowing.options(
        "/where", headers={**headers, "access-control-request-method": "POST"}
    )
    strange = await allowing.get("/where", headers={"origin": "https://x.example"})

    name = "access-control-allow-origin"
    assert name not in closed.headers
    assert name not in strange.headers
    assert opened.headers[name] == asked.headers[name] == "https://page.example"

"""Every door of every service: with keys on, what is not open by name asks for one."""

import asyncio
import re
import runpy
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Scope

from relevo_contracts.keys import Key, Keys, digest_of, new_key
from relevo_contracts.keys import Scope as KeyScope
from relevo_runtime import service
from relevo_runtime.http import operation

ROOT = Path(__file__).parents[2]
OUTSIDE = "data_api"
"""It plays a source, which is another's and knows no keys of ours."""
SERVICES = sorted(
    main.parent.name
    for main in ROOT.glob("services/*/src/*/__main__.py")
    if main.parent.name != OUTSIDE
)
OPEN = {
    "*": {"/health", "/ready"},
    "registry_watcher": {"/webhook"},
    "inference": {"/ping", "/v2/health/live", "/v2/health/ready"},
    "console": {"/key", "/static"},
}
"""Without a key: probes, what is signed by another, and the page that takes a key."""
PREDICTING = ("predict", "infer", "invocations")
ENVIRONMENT = {
    "S3_ACCESS_KEY": "none",
    "S3_SECRET_KEY": "none",
    "CATALOG_URL": "postgresql://none:none@127.0.0.1/none",
    "REGISTRY_WATCHER_WEBHOOK_SECRET": "none",
    "DATA_API_URL": "http://127.0.0.1:1",
}


class NeverServes:
    """In the place of the server: what it was to serve."""

    app: ASGIApp

    def __init__(self, config: Any, **_: object) -> None:
        type(self).app = config.app

    def run(self, **_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def keys() -> dict[KeyScope, str]:
    return {scope: new_key() for scope in KeyScope}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, keys: dict[KeyScope, str]) -> Path:
    file = tmp_path_factory.mktemp("keys") / "keys.json"
    ring = [
        Key(name=scope, sha256=digest_of(key.encode()).hex(), scopes=(scope,))
        for scope, key in keys.items()
    ]
    file.write_text(Keys(keys=tuple(ring)).model_dump_json())
    return file


@pytest.fixture(params=SERVICES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def served(name: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> ASGIApp:
    """All that a service would serve, as its own `__main__` puts it together."""
    for variable, value in (ENVIRONMENT | {"API_KEYS_FILE": str(file)}).items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(operation, "LingeringServer", NeverServes)
    for configured in ("configure_logging", "configure_tracing"):
        monkeypatch.setattr(service, configured, lambda *_, **__: None)
    runpy.run_module(f"{name}.__main__", run_name="__main__")
    return NeverServes.app


def requests_of(app: ASGIApp) -> Iterator[tuple[str, str]]:
    """Method and path of all that is answered, whatever stands around the application."""
    inner: Any = app
    while not isinstance(inner, Starlette):
        inner = inner.app if hasattr(inner, "app") else inner._app
    yield from of_routes(inner.routes)


def of_routes(routes: Sequence[Any], before: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        if included := getattr(route, "original_router", None):  # as FastAPI includes one
            yield from of_routes(included.routes, before + route.include_context.prefix)
        elif isinstance(route, Mount):
            files = [Route("/x", lambda _: None)]
            yield from of_routes(route.routes or files, before + route.path)
        else:
            assert isinstance(route, Route), f"this test cannot ask {type(route)}"
            path = before + re.sub(r"{[^}]*}", "1", route.path)
            yield from ((method, path) for method in route.methods or ())


def is_open(name: str, path: str) -> bool:
    return path in OPEN["*"] or any(
        path == each or path.startswith(f"{each}/") for each in OPEN.get(name, ())
    )


async def statuses(app: ASGIApp, key: str | None) -> dict[tuple[str, str], int]:
    """What is answered to each request. What a key opens may fail here: nothing runs."""
    return {asked: await status(app, *asked, key) for asked in requests_of(app)}


async def status(app: ASGIApp, method: str, path: str, key: str | None) -> int:
    """As soon as it is known: some answers have no end. 0: our lock is not what refuses."""
    begun: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
    headers = [(b"x-api-key", key.encode())] if key else []
    scope: Scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
    }
    scope.update({"headers": headers, "query_string": b"", "http_version": "1.1"})
    scope.update({"scheme": "http", "server": ("here", 80), "client": ("there", 1)})

    sent: Iterator[Message] = iter([{"type": "http.request", "body": b""}])

    async def receive() -> Message:
        for message in sent:
            return message
        return await asyncio.Future()  # the caller stays

    async def send(message: Message) -> None:
        if not begun.done():
            begun.set_result(message)

    async def answer_it() -> None:
        await app(scope, receive, send)

    answering = asyncio.create_task(answer_it())
    both: list[asyncio.Future[Any]] = [answering, begun]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    answering.cancel()
    await asyncio.wait([answering])
    if not begun.done():
        begun.cancel()
        return 500
    answer = begun.result()
    asks = any(name == b"www-authenticate" for name, _ in answer["headers"])
    return 0 if answer["status"] == 401 and not asks else int(answer["status"])


async def test_without_a_key_only_the_listed_doors_are_open(
    name: str, served: ASGIApp
) -> None:
    answers = await statuses(served, None)

    assert len(answers) >= 3
    closed = {request for request, status in answers.items() if status == 401}
    assert closed == {request for request in answers if not is_open(name, request[1])}


async def test_a_key_to_predict_opens_predictions_and_no_deed(
    name: str, served: ASGIApp, keys: dict[KeyScope, str]
) -> None:
    answers = await statuses(served, keys[KeyScope.PREDICT])

    opened = {path for (method, path), status in answers.items()
              if method == "POST" and status not in (401, 403)}  # fmt: skip
    assert not {path for path in opened if not is_open(name, path)
                and not any(word in path for word in PREDICTING)}  # fmt: skip
    if name == "inference":
        assert {"/predict", "/predict_batch", "/models/1/predict"} <= opened
        assert answers["POST", "/reload_model"] == 403
        assert answers["GET", "/models"] != 403
    assert answers["GET", "/metrics"] == 403


async def test_a_key_to_read_opens_all_pages_and_metrics_and_changes_nothing(
    name: str, served: ASGIApp, keys: dict[KeyScope, str]
) -> None:
    answers = await statuses(served, keys[KeyScope.READ])

    for (method, path), status in answers.items():
        if method in ("GET", "HEAD"):
            assert status not in (401, 403), path
        elif path != "/data/answers" and not is_open(name, path):
            assert status == 403, path
    assert answers["GET", "/metrics"] == 200

"""Who is let in at a service's door, how often, and how keys come and go meanwhile."""

from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import httpx
import pytest
import structlog
from prometheus_client import REGISTRY
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from relevo_contracts.errors import SetupError
from relevo_contracts.keys import Key, Keys, Scope, digest_of, new_key
from relevo_runtime import service
from relevo_runtime.http.access import Access
from relevo_runtime.http.keys import KeyRing
from relevo_runtime.http.rates import Bucket
from relevo_runtime.http.settings import HttpSettings
from relevo_runtime.http.shell import surround
from relevo_runtime.settings import ServiceSettings

Write = Callable[..., dict[str, str]]


def kept(key: str, name: str, scopes: Iterable[Scope], **more: object) -> Key:
    facts = {"name": name, "sha256": digest_of(key.encode()).hex(), "scopes": tuple(scopes)}
    return Key.model_validate(facts | more)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def write(file: Path) -> Write:
    """Writes the file anew, of these names and scopes; the keys by their names."""

    def make(
        *, per_second: float | None = None, **scopes: Iterable[Scope]
    ) -> dict[str, str]:
        keys = {name: new_key() for name in scopes}
        ring = [kept(keys[n], n, s, per_second=per_second) for n, s in scopes.items()]
        file.write_text(Keys(keys=tuple(ring)).model_dump_json())
        return keys

    return make


def behind(ring: KeyRing, access: Access | None = None) -> httpx.AsyncClient:
    """A client of a service with these keys."""

    async def answer(request: Request) -> Response:
        structlog.get_logger().info("asked")
        return JSONResponse({"method": request.method})

    paths = ("/health", "/ready", "/metrics", "/facts", "/deed")
    app = Starlette(routes=[Route(p, answer, methods=["GET", "POST"]) for p in paths])
    settings = HttpSettings(http_cors_origins=("https://page.example",))
    shell = surround(app, settings, keys=ring, access=access or Access())
    return httpx.AsyncClient(transport=httpx.ASGITransport(shell), base_url="http://here")


@pytest.fixture
async def door(file: Path, write: Write) -> AsyncIterator[httpx.AsyncClient]:
    write(reader=[Scope.READ])
    async with behind(KeyRing(file)) as client:
        yield client


def text_of(file: Path) -> str:
    return file.read_text()


def write_again(file: Path) -> None:
    file.write_text(file.read_text() + "\n")


def counted(name: str, outcome: str) -> float:
    labels = {"key": name, "outcome": outcome}
    return REGISTRY.get_sample_value("relevo_runtime_keyed_requests_total", labels) or 0


@pytest.mark.parametrize("path", ["/health", "/ready"])
async def test_probes_need_no_key(door: httpx.AsyncClient, path: str) -> None:
    assert (await door.get(path)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": ""},
        {"x-api-key": "relevo_guessed"},
        {"authorization": "Bearer relevo_guessed"},
        {"authorization": "Basic cmVsZXZvOnJlbGV2bw=="},
    ],
)
@pytest.mark.parametrize("path", ["/facts", "/metrics", "/nothing-here", "/health/"])
async def test_without_a_valid_key_all_else_is_401_and_says_what_is_asked_for(
    door: httpx.AsyncClient, headers: dict[str, str], path: str
) -> None:
    before = counted("", "unknown")

    answer = await door.get(path, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == 'Bearer realm="relevo"'
    assert "X-API-Key" in answer.json()["detail"]
    assert counted("", "unknown") == before + 1


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        (Scope.READ, "GET", "/facts", 200),
        (Scope.READ, "HEAD", "/facts", 200),
        (Scope.READ, "GET", "/metrics", 200),
        (Scope.READ, "POST", "/deed", 403),
        (Scope.OPERATE, "POST", "/deed", 200),
        (Scope.OPERATE, "GET", "/facts", 200),
        (Scope.OPERATE, "GET", "/metrics", 403),
        (Scope.PREDICT, "GET", "/facts", 403),
    ],
)
async def test_a_key_does_what_its_scopes_say_and_nothing_else(
    file: Path, write: Write, scope: Scope, method: str, path: str, status: int
) -> None:
    keys = write(shop=[scope])
    async with behind(KeyRing(file)) as client:
        for headers in (
            {"X-API-Key": keys["shop"]},
            {"Authorization": f"bearer {keys['shop']}"},
        ):
            answer = await client.request(method, path, headers=headers)

            assert answer.status_code == status
            if status == 403:
                asked = answer.headers["www-authenticate"]
                assert 'error="insufficient_scope"' in asked
                assert "'shop'" in answer.json()["detail"]


async def test_the_name_of_a_key_is_in_log_and_metric_and_the_key_is_in_neither(
    file: Path, write: Write
) -> None:
    keys = write(shop_of_ada=[Scope.READ])
    before = counted("shop_of_ada", "admitted")
    processors = [structlog.contextvars.merge_contextvars]
    async with behind(KeyRing(file)) as client:
        with capture_logs(processors=processors) as logged:
            await client.get("/facts", headers={"x-api-key": keys["shop_of_ada"]})

    assert logged[0]["key"] == "shop_of_ada"
    assert counted("shop_of_ada", "admitted") == before + 1
    assert keys["shop_of_ada"] not in repr(logged) + text_of(file)


async def test_the_browsers_question_before_a_request_of_another_origin_needs_no_key(
    door: httpx.AsyncClient,
) -> None:
    asked = {"origin": "https://page.example", "access-control-request-method": "POST"}

    before = await door.options("/facts", headers=asked)
    refused = await door.get("/facts", headers={"origin": "https://page.example"})

    assert before.status_code == 200
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "https://page.example"


def test_keys_come_and_go_with_their_file_without_a_restart(
    file: Path, write: Write
) -> None:
    old = write(old=[Scope.READ])["old"]
    ring = KeyRing(file)
    new = write(new=[Scope.READ], newer=[Scope.READ])

    assert ring.find(old.encode())
    ring.look()

    assert ring.find(old.encode()) is None
    assert all(ring.find(key.encode()) for key in new.values())


@pytest.mark.parametrize("broken", ["", "{", '{"keys": [{"name": "x"}]}', None])
def test_a_file_that_breaks_or_goes_takes_no_key_away_and_is_told_once(
    file: Path, write: Write, broken: str | None
) -> None:
    key = write(shop=[Scope.READ])["shop"]
    ring = KeyRing(file)
    file.unlink() if broken is None else file.write_text(broken)

    with capture_logs() as logged:
        ring.look()
        ring.look()

    assert ring.find(key.encode())
    assert [line["log_level"] for line in logged] == ["error"]


@pytest.mark.parametrize("broken", ["", "{}x", '{"keys": [{"name": "x"}]}', None])
def test_a_service_does_not_start_on_a_file_without_keys_in_it_and_says_what_to_do(
    file: Path, broken: str | None
) -> None:
    if broken is not None:
        file.write_text(broken)

    with pytest.raises(SetupError, match="relevo keys new NAME"):
        KeyRing(file)


def test_a_service_that_cannot_read_its_keys_ends_with_the_reason_in_its_log(
    monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    monkeypatch.setenv("API_KEYS_FILE", str(file))
    for configured in ("configure_logging", "configure_tracing"):
        monkeypatch.setattr(service, configured, lambda *_, **__: None)

    with capture_logs() as logged, pytest.raises(SystemExit, match="1"):
        service.run("test", ServiceSettings, lambda _: Starlette())

    assert "relevo keys new NAME" in logged[0]["reason"]


async def test_who_asks_more_often_than_the_key_may_is_told_when_to_come_again(
    file: Path, write: Write
) -> None:
    key = write(per_second=0.25, shop=[Scope.READ])["shop"]
    ring = KeyRing(file)
    async with behind(ring) as client:
        answers = [await client.get("/facts", headers={"x-api-key": key}) for _ in "ab"]
        # a file that is read anew gives nobody more
        write_again(file)
        ring.look()
        answers.append(await client.get("/facts", headers={"x-api-key": key}))

    assert [answer.status_code for answer in answers] == [200, 429, 429]
    assert answers[1].headers["retry-after"] == "4"
    assert answers[1].headers["content-type"] == "application/problem+json"


def test_a_bucket_gives_as_many_as_its_rate_and_at_once_no_more_than_its_burst() -> None:
    now = 0.0
    bucket = Bucket(10, burst=3, clock=lambda: now)

    taken = sum(bucket.take() for _ in range(10))
    now = 0.25
    later = sum(bucket.take() for _ in range(10))
    now = 60.0
    at_last = sum(bucket.take() for _ in range(10))

    assert (taken, later, at_last) == (3, 2, 3)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "pod.example"])
def test_production_refuses_a_door_to_other_machines_without_keys_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("RELEVO_ENVIRONMENT", "production")
    monkeypatch.setenv("API_KEYS_FILE", "")

    with pytest.raises(ValidationError, match="relevo keys new NAME"):
        ServiceSettings(http_host=host)
    assert ServiceSettings(http_host=host, api_keys_file=Path("keys.json"))
    for ours in ("127.0.0.1", "127.8.0.1", "::1", "localhost"):
        assert ServiceSettings(http_host=ours).api_keys_file is None


def test_two_new_keys_differ_and_have_256_bits() -> None:
    keys = {new_key() for _ in range(100)}

    assert len(keys) == 100
    assert all(len(key.removeprefix("relevo_")) == 43 for key in keys)

"""One list of sources: each is asked by itself, and that nobody answers is known."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from relevo_contracts import OutageError
from relevo_contracts.actions import Action
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_story.sources.catalog import Results
from relevo_story.sources.looking import look
from relevo_story.sources.whereabouts import Whereabouts
from relevo_story.telling import samples

REFUSED = samples.result(
    Stage.CLEAN, 1, Verdict.REFUSED, after=1, seconds=0.5, reason="text for numbers"
)
AWAY = "http://127.0.0.1:1"
KEYS: dict[str, set[str | None]] = {}
"""By the server: the keys that it was asked with."""


@contextmanager
def answering(*paths: str) -> Iterator[str]:
    """A server with nothing released, which knows these paths only."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = KEYS.setdefault(f"http://127.0.0.1:{self.server.server_port}", set())  # type: ignore[attr-defined]
            asked.add(self.headers.get("x-api-key"))
            elsewhere = 404 if "elsewhere" in self.path else 503
            self.send_response(200 if self.path in paths else elsewhere)
            self.end_headers()
            self.wfile.write(json.dumps({"batches": [], "total": 7}).encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Noted:
    """A catalog of one result, and of a platform that nobody touched."""

    async def results(self, dataset: str, stage: Stage) -> list[StageResult]:
        return [REFUSED] if (dataset, stage) == (REFUSED.dataset, REFUSED.stage) else []

    async def actions(self, *, limit: int = 1000) -> list[Action]:
        return []


@asynccontextmanager
async def open_noted(_: str) -> AsyncIterator[Results]:
    yield Noted()


@asynccontextmanager
async def open_nothing(url: str) -> AsyncIterator[Results]:
    raise OutageError(f"nobody answers at {url}")
    yield Noted()


async def test_a_source_that_cannot_be_asked_hides_no_other() -> None:
    with answering("/datasets/diabetes130/batches") as url:
        where = Whereabouts(
            catalog_url=AWAY, data_api=url, datasets=("pima", "diabetes130", "elsewhere")
        )
        story, unknown = await look(where, open_nothing)

    assert list(story.schedules) == ["diabetes130"]
    assert list(unknown) == ["verdicts", "source of pima"]
    assert "503" in unknown["source of pima"]


async def test_what_the_catalog_noted_is_in_the_story() -> None:
    where = Whereabouts(catalog_url=AWAY, datasets=("diabetes130",))

    story, unknown = await look(where, open_noted)

    assert unknown == {}
    assert [batch.verdict for batch in story.batches] == [Verdict.REFUSED]


async def test_pods_answer_while_mlflow_is_still_coming() -> None:
    with answering("/health") as pod:
        story, unknown = await look(Whereabouts(mlflow=AWAY, inference=(pod,)), open_noted)

    answers: Sequence[tuple[str, bool]] = [
        (d.what, d.answers) for d in story.doors.values()
    ]
    assert sorted(answers) == [("MLflow", False), ("pod", True)]
    assert story.doors[AWAY].reason
    assert unknown == {}


async def test_services_of_ours_are_asked_with_the_key_and_nobody_else_hears_of_it() -> (
    None
):
    with answering() as pod, answering() as source, answering() as mlflow:
        where = Whereabouts(
            inference=(pod,), trainer=pod, lag_watcher=pod, menders=(pod,),
            data_api=source, mlflow=mlflow, datasets=("test",), key="relevo_1",
        )  # fmt: skip
        asked = KEYS
        asked.clear()
        await look(where, open_nothing)

        assert asked == {pod: {"relevo_1"}, source: {None}, mlflow: {None}}
        assert "relevo_1" not in repr(where)

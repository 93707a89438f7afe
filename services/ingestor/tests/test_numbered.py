"""The numbered source against servers that really listen, well-behaved and not."""

import hashlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, Response, request
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from data_api.app import build_app
from data_api.settings import Settings
from data_api.sources import SHIPPED
from ingestor.sources.door import open_door
from ingestor.sources.numbered import NumberedSource
from ingestor.sources.port import Due, Parcel, StrangeAnswerError
from ingestor.sources.taken import Taken
from relevo_contracts import OutageError
from relevo_contracts.results import Stage, StageResult, Verdict

Serve = Callable[..., AbstractContextManager[str]]
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
MANY = 10_000_000
NAME = "diabetes130"
ROUTE = f"/datasets/{NAME}/batches"


@asynccontextmanager
async def source_at(
    address: str, name: str = NAME, *, is_alone: bool = False, max_bytes: int = MANY
) -> AsyncIterator[NumberedSource]:
    async def at_once(_: float) -> None: ...

    async with open_door(address, name) as door:
        yield NumberedSource(
            door, name, max_bytes=max_bytes, is_alone=is_alone, sleep=at_once
        )


async def ask(address: str, taken: Taken | None = None, **how: Any) -> Parcel | Due:
    async with source_at(address, **how) as source:
        return await source.next(taken or Taken())


def offer(number: Any, content: bytes | str) -> dict[str, Any]:
    """An offer as a source lists it; content: its bytes, or a SHA-256."""
    sha256 = content if isinstance(content, str) else hashlib.sha256(content).hexdigest()
    return {"number": number, "sha256": sha256, "released_at": "2026-01-01T00:00:00Z"}


def result(number: int, content: bytes, verdict: Verdict) -> StageResult:
    return StageResult(
        batch_id=f"{NAME}-{number:04d}",
        dataset=NAME,
        number=number,
        stage=Stage.RAW,
        verdict=verdict,
        statistics={"source_sha256": hashlib.sha256(content).hexdigest()},
        started_at=EPOCH,
        finished_at=EPOCH,
    )


class Shop:
    """A numbered source that lists and answers what a test sets."""

    def __init__(self) -> None:
        self.listing: list[dict[str, Any]] = []
        self.contents: dict[int, bytes] = {}
        self.listed = 0
        self.app = Flask("shop")
        self.app.add_url_rule(ROUTE, "listing", self.answer_listing)
        self.app.add_url_rule(f"{ROUTE}/<int:number>", "batch", self.answer_batch)

    def answer_listing(self) -> dict[str, Any]:
        self.listed += 1
        return {"now": "2026-01-01T00:00:00Z", "next_due": None, "batches": self.listing}

    def answer_batch(self, number: int) -> Response:
        if number not in self.contents:
            return Response("", 404)
        return Response(self.contents[number])


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def address(serve: Serve) -> Iterator[str]:
    with serve(build_app(Settings(data_api_interval_seconds=3600))) as address:
        yield address


@pytest.fixture
def odd() -> Flask:
    """A server that answers what a test sets in `odd.config`."""
    app = Flask("odd")
    app.config["answer"] = lambda: Response("{}", content_type="application/json")
    app.add_url_rule(ROUTE, "listing", lambda: app.config["answer"]())
    return app


async def test_it_hands_out_the_bytes_as_they_are_shipped_and_then_says_what_is_due(
    address: str,
) -> None:
    parcel = await ask(address)

    assert isinstance(parcel, Parcel)
    assert parcel.content == (SHIPPED / NAME / "batch-0001.parquet").read_bytes()
    assert parcel.origin == f"{address}{ROUTE}/1"
    assert (parcel.identity, parcel.number, parcel.fault) == ("1", 1, None)
    due = await ask(address, Taken.of([result(1, parcel.content, Verdict.ACCEPTED)]))
    assert isinstance(due, Due)
    assert due.seconds == pytest.approx(3600, abs=60)


async def test_batches_are_handed_out_by_number_whatever_the_order_of_the_listing(
    serve: Serve, shop: Shop
) -> None:
    shop.contents = {1: b"one", 2: b"two"}
    shop.listing = [offer(2, b"two"), offer(1, b"one")]
    with serve(shop.app) as address:
        parcel = await ask(address)

    assert isinstance(parcel, Parcel)
    assert parcel.number == 1


async def test_a_listed_batch_that_is_not_there_does_not_stop_the_later_ones(
    serve: Serve, shop: Shop
) -> None:
    shop.contents = {2: b"two"}
    shop.listing = [offer(1, b"one"), offer(2, b"two")]
    with serve(shop.app) as address:
        parcel = await ask(address)
        due = await ask(address, Taken.of([result(2, b"two", Verdict.ACCEPTED)]))

    assert isinstance(parcel, Parcel)
    assert parcel.number == 2
    assert isinstance(due, Due)
    assert (due.wait, due.untaken_since) == (5.0, EPOCH), "it is asked for again"


@pytest.mark.parametrize("number", [10**20, 0, -1, "x", None])
async def test_an_offer_that_nobody_can_take_is_left_and_told_in_words(
    serve: Serve, shop: Shop, number: object
) -> None:
    shop.contents = {2: b"two"}
    shop.listing = [offer(number, b"one"), offer(2, b"two")]
    with serve(shop.app) as address, capture_logs() as said:
        parcel = await ask(address)

    assert isinstance(parcel, Parcel)
    assert parcel.number == 2
    (told,) = said
    assert "number" in told["reasons"][0]


async def test_what_is_never_there_is_asked_for_ever_more_seldom(
    serve: Serve, shop: Shop
) -> None:
    shop.listing = [offer(1, b"one")]
    with serve(shop.app) as address:
        async with source_at(address) as source:
            waits = [await source.next(Taken()) for _ in range(9)]

    seconds = [due.wait for due in waits if isinstance(due, Due)]
    assert seconds[:3] == [5.0, 10.0, 20.0]
    assert seconds[-1] == 300.0


async def test_what_is_not_what_was_listed_is_listed_again_three_times_then_refused(
    serve: Serve, shop: Shop
) -> None:
    shop.contents = {1: b"other"}
    shop.listing = [offer(1, b"one")]
    with serve(shop.app) as address:
        parcel = await ask(address)

    assert isinstance(parcel, Parcel)
    assert "offered was" in str(parcel.fault)
    assert shop.listed == 3


async def test_a_batch_that_is_replaced_between_listing_and_answer_is_taken(
    serve: Serve, shop: Shop
) -> None:
    shop.contents = {1: b"mended"}
    shop.listing = [offer(1, b"one")]
    list_before = shop.answer_listing

    def listing() -> dict[str, Any]:
        answer = list_before()
        shop.listing = [offer(1, b"mended")]
        return answer

    shop.app.view_functions["listing"] = listing
    with serve(shop.app) as address:
        parcel = await ask(address)

    assert isinstance(parcel, Parcel)
    assert (parcel.content, parcel.fault) == (b"mended", None)
    assert parcel.sha256 == hashlib.sha256(b"mended").hexdigest()


async def test_a_refused_batch_is_handed_out_again_once_it_is_another_one(
    serve: Serve, shop: Shop
) -> None:
    taken = Taken.of([result(1, b"half", Verdict.REFUSED)])
    shop.contents = {1: b"half"}
    shop.listing = [offer(1, b"half")]
    with serve(shop.app) as address:
        same = await ask(address, taken)
        shop.contents[1] = b"whole"
        shop.listing = [offer(1, b"whole")]
        mended = await ask(address, taken)

    assert isinstance(same, Due)
    assert isinstance(mended, Parcel)
    assert mended.content == b"whole"


async def test_an_accepted_batch_that_changes_at_the_source_is_told_and_not_taken(
    serve: Serve, shop: Shop
) -> None:
    taken = Taken.of([result(1, b"one", Verdict.ACCEPTED)])
    shop.listing = [offer(1, b"another")]
    with serve(shop.app) as address, capture_logs() as said:
        async with source_at(address) as source:
            answers = [await source.next(taken) for _ in range(2)]

    assert all(isinstance(answer, Due) for answer in answers)
    (alarm,) = [line for line in said if line["log_level"] == "error"]
    assert alarm["batch_id"] == f"{NAME}-0001"
    labels = {"dataset": NAME}
    assert REGISTRY.get_sample_value("relevo_source_changed_batches", labels) == 1


async def test_a_batch_with_more_bytes_than_allowed_is_left_unread(
    serve: Serve, shop: Shop
) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 1_000_000_000:
            sent += 100_000
            yield b"x" * 100_000

    shop.listing = [offer(1, b"one")]
    shop.app.view_functions["batch"] = lambda number: Response(endless())  # noqa: ARG005
    with serve(shop.app) as address:
        parcel = await ask(address, max_bytes=300_000)

    assert isinstance(parcel, Parcel)
    assert parcel.fault == "more than 300,000 bytes were sent"
    assert sent < 100_000_000, "it hung up early"


async def test_a_source_that_is_away_is_an_outage() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        with pytest.raises(OutageError, match="is away") as caught:
            await ask(f"http://127.0.0.1:{taken.getsockname()[1]}")

    assert not isinstance(caught.value, StrangeAnswerError)


@pytest.mark.parametrize("status", [401, 406, 429, 500, 503])
async def test_any_answer_that_passes_is_an_outage(
    serve: Serve, odd: Flask, status: int
) -> None:
    odd.config["answer"] = lambda: Response("", status)
    with serve(odd) as address, pytest.raises(OutageError, match=str(status)) as caught:
        await ask(address)

    assert not isinstance(caught.value, StrangeAnswerError)


@pytest.mark.parametrize(
    "text",
    [
        "<html>",
        "{}",
        "[1, 2]",
        '{"now": "2026-01-01T00:00:00Z", "next_due": null, "batches": [{"number": 0}]}',
        '{"now": "2026-01-01T00:00:00", "next_due": null, "batches": []}',
        "x" * 5_000_000,
    ],
    ids=[
        "no JSON",
        "empty",
        "a list",
        "senseless offers",
        "a time without its zone",
        "5 MB",
    ],
)
async def test_who_lists_in_another_form_speaks_another_protocol(
    serve: Serve, odd: Flask, text: str
) -> None:
    odd.config["answer"] = lambda: Response(text)
    with serve(odd) as address, pytest.raises(StrangeAnswerError, match="lists no batches"):
        await ask(address)


@pytest.mark.parametrize("status", [301, 400, 404, 418])
async def test_an_answer_that_no_such_source_gives_speaks_another_protocol(
    serve: Serve, odd: Flask, status: int
) -> None:
    odd.config["answer"] = lambda: Response("", status)
    with serve(odd) as address, pytest.raises(StrangeAnswerError):
        await ask(address)


async def test_a_batch_that_breaks_off_is_an_outage_and_not_a_bad_batch(
    serve: Serve, shop: Shop
) -> None:
    shop.listing = [offer(1, b"whole")]
    length = {"Content-Length": "8"}

    def half(number: int) -> Response:
        return Response(iter([b"half"]), headers=length)

    shop.app.view_functions["batch"] = half
    with serve(shop.app) as address, pytest.raises(OutageError, match="is away"):
        await ask(address)


async def test_a_password_in_the_address_is_sent_and_told_to_nobody_else(
    serve: Serve, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.contents, shop.listing = {1: b"batch"}, [offer(1, b"batch")]

    @shop.app.before_request
    def guard() -> Response | None:
        sent = request.authorization
        return None if sent and sent.password == "secret" else Response("", 401)

    caplog.set_level("DEBUG")
    with serve(shop.app) as address:
        parcel = await ask(address.replace("//", "//me:secret@"))
        with pytest.raises(OutageError) as caught:
            await ask(address.replace("//", "//me:wrong@"))

    assert isinstance(parcel, Parcel)
    assert parcel.origin == f"{address}{ROUTE}/1"
    assert "secret" not in str(caught.value) + caplog.text
    assert "wrong" not in str(caught.value)


@pytest.fixture
def nameless() -> Flask:
    """A server from before there were several datasets."""
    app = Flask("nameless")
    listing = {
        "now": "2026-01-01T00:00:00Z",
        "next_due": None,
        "batches": [offer(1, b"batch")],
    }
    app.add_url_rule("/batches", "listing", lambda: listing)
    app.add_url_rule("/batches/1", "batch", lambda: Response("batch"))
    return app


async def test_a_source_that_knows_no_names_is_asked_without_one(
    serve: Serve, nameless: Flask
) -> None:
    with serve(nameless) as address:
        parcel = await ask(address, is_alone=True)

    assert isinstance(parcel, Parcel)
    assert (parcel.content, parcel.origin) == (b"batch", f"{address}/batches/1")


async def test_of_several_datasets_none_is_taken_from_a_source_that_knows_no_names(
    serve: Serve, nameless: Flask
) -> None:
    told = "lists no batches of diabetes130"
    with serve(nameless) as address, pytest.raises(OutageError, match=told):
        await ask(address)


async def test_the_batches_of_another_dataset_are_never_taken_for_those_asked_for(
    address: str,
) -> None:
    with pytest.raises(OutageError, match="lists no batches of pima"):
        await ask(address, name="pima", is_alone=True)

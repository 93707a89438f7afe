"""The HTTP source against servers that really listen, well-behaved and not."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from flask import Flask, Response, request
from prometheus_client import REGISTRY

from data_api.app import build_app
from data_api.settings import Settings
from data_api.sources import SHIPPED
from ingestor.http_source import open_source
from ingestor.source import Offer
from relevo_contracts import OutageError, PoisonError

Serve = Callable[..., AbstractContextManager[str]]
OFFER = Offer(number=1, sha256="0" * 64, released_at=datetime(2026, 1, 1, tzinfo=UTC))
MANY = 10_000_000
NAME = "diabetes130"
ROUTE = f"/datasets/{NAME}/batches"


def source_up() -> float | None:
    return REGISTRY.get_sample_value("relevo_source_up", {"dataset": NAME})


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
    app.add_url_rule(f"{ROUTE}/1", "batch", lambda: app.config["answer"]())
    return app


async def test_it_lists_what_is_released_and_when_the_next_is_due(address: str) -> None:
    async with open_source(address, NAME) as source:
        listing = await source.listing()

    assert [offer.number for offer in listing.batches] == [1]
    assert listing.seconds_until_due() == pytest.approx(3600, abs=60)
    assert source_up() == 1


async def test_it_fetches_the_bytes_as_they_are_shipped(address: str) -> None:
    async with open_source(address, NAME) as source:
        content = await source.fetch(OFFER, max_bytes=MANY)
        url = source.url(OFFER)

    assert content == (SHIPPED / NAME / "batch-0001.parquet").read_bytes()
    assert url == f"{address}{ROUTE}/1"


async def test_a_batch_with_more_bytes_than_allowed_is_left_unread(serve: Serve) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 1_000_000_000:
            sent += 100_000
            yield b"x" * 100_000

    app = Flask("endless")
    app.add_url_rule(f"{ROUTE}/1", "batch", lambda: Response(endless()))
    with serve(app) as address:
        async with open_source(address, NAME) as source:
            with pytest.raises(PoisonError, match="more than 300,000 bytes"):
                await source.fetch(OFFER, max_bytes=300_000)

    assert sent < 100_000_000, "it hung up early"


async def test_a_batch_that_is_not_there_is_no_outage(address: str) -> None:
    missing = OFFER.model_copy(update={"number": 2})
    async with open_source(address, NAME) as source:
        with pytest.raises(FileNotFoundError, match="batches/2"):
            await source.fetch(missing, max_bytes=MANY)

    assert source_up() == 1


async def test_a_source_that_is_away_is_an_outage_and_the_gauge_says_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        async with open_source(
            f"http://127.0.0.1:{taken.getsockname()[1]}", NAME
        ) as source:
            with pytest.raises(OutageError, match="is away"):
                await source.listing()
            with pytest.raises(OutageError, match="is away"):
                await source.fetch(OFFER, max_bytes=MANY)

    assert source_up() == 0


@pytest.mark.parametrize("status", [301, 401, 406, 429, 500, 503])
async def test_any_answer_but_a_batch_or_its_absence_is_an_outage(
    serve: Serve, odd: Flask, status: int
) -> None:
    odd.config["answer"] = lambda: Response("", status)
    with serve(odd) as address:
        async with open_source(address, NAME) as source:
            with pytest.raises(OutageError, match=str(status)):
                await source.fetch(OFFER, max_bytes=MANY)

    assert source_up() == 0


@pytest.mark.parametrize(
    "text",
    [
        "<html>",
        "{}",
        '{"now": "2026-01-01T00:00:00Z", "next_due": null, "batches": [{"number": 0}]}',
        '{"now": "2026-01-01T00:00:00", "next_due": null, "batches": []}',
        "x" * 5_000_000,
    ],
    ids=["no JSON", "empty", "a senseless offer", "a time without its zone", "5 MB"],
)
async def test_a_listing_that_cannot_be_read_is_an_outage(
    serve: Serve, odd: Flask, text: str
) -> None:
    odd.config["answer"] = lambda: Response(text)
    with serve(odd) as address:
        async with open_source(address, NAME) as source:
            with pytest.raises(OutageError, match="lists no batches"):
                await source.listing()

    assert source_up() == 0


async def test_a_batch_that_breaks_off_is_an_outage_and_not_a_bad_batch(
    serve: Serve, odd: Flask
) -> None:
    length = {"Content-Length": "8"}
    odd.config["answer"] = lambda: Response(iter([b"half"]), headers=length)
    with serve(odd) as address:
        async with open_source(address, NAME) as source:
            with pytest.raises(OutageError, match="is away"):
                await source.fetch(OFFER, max_bytes=MANY)


async def test_a_password_in_the_address_is_sent_and_told_to_nobody_else(
    serve: Serve, odd: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    def answer() -> Response:
        sent = request.authorization
        return Response("batch", 200 if sent and sent.password == "secret" else 401)

    odd.config["answer"] = answer
    caplog.set_level("DEBUG")
    with serve(odd) as address:
        async with open_source(address.replace("//", "//me:secret@"), NAME) as source:
            assert await source.fetch(OFFER, max_bytes=MANY) == b"batch"
            assert source.url(OFFER) == f"{address}{ROUTE}/1"
            with pytest.raises(OutageError) as caught:
                await source.listing()

    assert "secret" not in str(caught.value) + caplog.text


@pytest.fixture
def nameless() -> Flask:
    """A server from before there were several datasets."""
    app = Flask("nameless")
    listing = {
        "now": "2026-01-01T00:00:00Z",
        "next_due": None,
        "batches": [OFFER.model_dump(mode="json")],
    }
    app.add_url_rule("/batches", "listing", lambda: listing)
    app.add_url_rule("/batches/1", "batch", lambda: Response("batch"))
    return app


async def test_a_source_that_knows_no_names_is_asked_without_one(
    serve: Serve, nameless: Flask
) -> None:
    with serve(nameless) as address:
        async with open_source(address, NAME, is_alone=True) as source:
            (offer,) = (await source.listing()).batches
            content = await source.fetch(offer, max_bytes=MANY)
            url = source.url(offer)

    assert (content, url) == (b"batch", f"{address}/batches/1")
    assert source_up() == 1


async def test_of_several_datasets_none_is_taken_from_a_source_that_knows_no_names(
    serve: Serve, nameless: Flask
) -> None:
    with serve(nameless) as address:
        async with open_source(address, NAME) as source:
            with pytest.raises(OutageError, match="lists no batches of diabetes130"):
                await source.listing()


async def test_the_batches_of_another_dataset_are_never_taken_for_those_asked_for(
    address: str,
) -> None:
    async with open_source(address, "pima", is_alone=True) as source:
        with pytest.raises(OutageError, match="lists no batches of pima"):
            await source.listing()

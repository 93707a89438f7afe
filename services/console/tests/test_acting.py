"""What a person does is confirmed, has a name, and is in the history; letters are told."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from console.access import KEY_COOKIE, KEY_PAGE, needed
from console.doing.hands import Hands
from console.pages import acting, dead_letters, history, key
from console.pages.guards import Guard
from console.pages.shell import Frame, Shell
from relevo_contracts import DeadLetter, Envelope, OutageError
from relevo_contracts.keys import Key, Keys, Scope, digest_of
from relevo_contracts.results import Announcement, Stage, Verdict
from relevo_operations.batches import Batches
from relevo_operations.dead_letters import DeadLetters
from relevo_operations.fakes import MemoryLetterBox, MemoryRecord, MemoryRegistry
from relevo_operations.held_batches import HeldBatches
from relevo_operations.models import Models
from relevo_operations.registry import Version
from relevo_runtime.http.access import Access
from relevo_runtime.http.keys import KeyRing
from relevo_runtime.http.settings import HttpSettings
from relevo_runtime.http.shell import surround
from relevo_storage.fakes import MemoryCatalog
from relevo_story.telling import samples

NOW = datetime(2026, 1, 2, tzinfo=UTC)
REASON = "no <Parquet>: sent by another?"


def letter(at: int, reason: str = REASON, stage: str = "handle") -> MemoryRecord:
    """A message that the cleaner gave up, at that offset."""
    facts = DeadLetter.model_validate({
        "reason": reason, "stage": stage, "service": "cleaner", "topic": "batch.raw",
        "partition": 2, "offset": at, "time": NOW,
    })  # fmt: skip
    return MemoryRecord("batch.raw.dead", 0, at, b'{"a": 1}', facts.to_headers())


@dataclass
class House:
    """A model with two versions, the second on duty, and four dead letters."""

    registry: MemoryRegistry = field(
        default_factory=lambda: MemoryRegistry(
            {"pima": "2"},
            {"pima": [Version(number=n, bundle_sha256="0") for n in ("1", "2")]},
        )
    )
    box: MemoryLetterBox = field(
        default_factory=lambda: MemoryLetterBox(
            letter(7), letter(8), letter(9, "other"), letter(10, stage="fetch")
        )
    )
    history: MemoryCatalog = field(default_factory=MemoryCatalog)
    is_away: bool = False

    @asynccontextmanager
    async def open_history(self) -> AsyncIterator[MemoryCatalog]:
        if self.is_away:
            raise OutageError("the catalog is away, says the test")
        yield self.history

    @asynccontextmanager
    async def open_models(self) -> AsyncIterator[Models]:
        async with self.open_history() as kept:
            yield Models(self.registry, kept)

    @asynccontextmanager
    async def open_letters(self) -> AsyncIterator[DeadLetters]:
        async with self.open_history() as kept:
            yield DeadLetters(self.box, kept)

    @asynccontextmanager
    async def open_batches(self) -> AsyncIterator[Batches]:
        async with self.open_history() as kept:
            yield Batches(kept, self.box)

    @asynccontextmanager
    async def open_held(self) -> AsyncIterator[HeldBatches]:
        async with self.open_history() as kept:
            yield HeldBatches(kept)


@pytest.fixture
def house() -> House:
    return House()


@asynccontextmanager
async def pages_of(
    house: House, keys: KeyRing | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on the pages of that house; keys: those that open them."""
    guard = Guard()
    hands = Hands(
        house.open_models,
        house.open_letters,
        house.open_batches,
        house.open_held,
        house.open_history,
    )
    shell, app = Shell(), FastAPI()
    for routes in (dead_letters.routes, history.routes):
        app.include_router(routes(shell, hands))
    app.include_router(acting.routes(shell, hands, guard))
    app.include_router(key.routes(shell, guard, ""))
    app.add_middleware(Frame)
    opened = Access(needed, cookie=KEY_COOKIE, sign_in=KEY_PAGE)
    shut = surround(app, HttpSettings(), keys=keys, access=opened)
    transport = httpx.ASGITransport(shut)
    headers = {"accept": "text/html"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://console", headers=headers
    ) as client:
        yield client


async def confirmed(client: httpx.AsyncClient, url: str, **said: str) -> httpx.Response:
    """Open the page that asks, fill in what it asks for, and send its form."""
    page = await client.get(url)
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    fields = {name: html.unescape(value) for name, value in hidden}
    return await client.post("/act", data=fields | said)


async def test_a_rollback_is_asked_for_then_done_and_in_the_history(house: House) -> None:
    async with pages_of(house) as client:
        url = "/act?what=rollback&subject=pima"
        asked = await client.get(url)
        assert house.registry.champions == {"pima": "2"}, "asking does nothing"
        assert "Put a version back on duty" in asked.text

        done = await confirmed(client, url, who="ana", why="it drifts", version="1")
        told = (await client.get("/history")).text

    assert house.registry.champions == {"pima": "1"}
    assert "version 1 of pima is on duty instead of version 2" in done.text
    assert all(word in told for word in ("ana", "it drifts", "rollback"))


async def test_a_hold_needs_a_reason_and_a_name(house: House) -> None:
    async with pages_of(house) as client:
        url = "/act?what=hold&subject=pima"
        nameless = await confirmed(client, url, who=" ", why="a test")
        silent = await confirmed(client, url, who="ana")
        await confirmed(client, url, who="ana", why="a test")

    assert (nameless.status_code, silent.status_code) == (409, 409)
    assert "say who you are" in nameless.text
    assert "say why" in silent.text
    assert house.registry.holds["pima"].who == "ana"


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """The keys `look` and `act`, by what they may do."""
    scopes = {"look": (Scope.READ,), "act": (Scope.READ, Scope.OPERATE)}
    keys = [
        Key(name=name, sha256=digest_of(name.encode()).hex(), scopes=may)
        for name, may in scopes.items()
    ]
    file = tmp_path / "keys.json"
    file.write_text(Keys(keys=tuple(keys)).model_dump_json())
    return KeyRing(file)


async def given(
    client: httpx.AsyncClient, given_key: str, after: str = ""
) -> httpx.Response:
    """A person gives a key on the page for it; an empty one: has it forgotten."""
    page = await client.get("/key", params={"next": after})
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    fields = {name: html.unescape(value) for name, value in hidden}
    return await client.post("/key", data=fields | {"key": given_key})


async def test_with_keys_on_a_person_is_asked_for_one_and_comes_back_to_the_page(
    house: House, ring: KeyRing
) -> None:
    async with pages_of(house, ring) as client:
        url = "/act?what=rollback&subject=pima"
        sent_on = await client.get(url)
        asked = await client.get(sent_on.headers["location"])
        after = parse_qs(urlsplit(sent_on.headers["location"]).query)["next"][0]
        taken = await given(client, "act", after)

        assert (sent_on.status_code, asked.status_code) == (303, 200)
        assert "scope operate or read" in asked.text
        assert (taken.status_code, taken.headers["location"]) == (303, url)
        told = taken.headers["set-cookie"].lower()
        assert "httponly" in told
        assert "samesite=strict" in told
        assert (await client.get(url)).status_code == 200

        await given(client, "")
        assert (await client.get(url)).status_code == 303


async def test_with_keys_on_who_may_only_look_does_not_act_and_the_history_has_the_key(
    house: House, ring: KeyRing
) -> None:
    async with pages_of(house, ring) as client:
        url = "/act?what=rollback&subject=pima"
        await given(client, "look")
        refused = await confirmed(client, url, who="ana", version="1")
        asked = await client.get(refused.headers["location"])
        assert house.registry.champions == {"pima": "2"}

        await given(client, "act")
        await confirmed(client, url, who="ana", version="1")
        history = (await client.get("/history")).text

    assert refused.status_code == 303
    assert "scope operate, which the one that you gave is not" in asked.text
    assert house.registry.champions == {"pima": "1"}
    assert "ana (key act)" in history


async def test_a_program_with_a_wrong_key_is_refused_and_not_sent_to_a_page(
    house: House, ring: KeyRing
) -> None:
    async with pages_of(house, ring) as client:
        headers = {"accept": "*/*", "x-api-key": "guess"}
        answer = await client.get("/history", headers=headers)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "after", ["//evil.example", "https://evil.example", "/\\evil", "x"]
)
async def test_no_key_leads_to_another_site(
    house: House, ring: KeyRing, after: str
) -> None:
    async with pages_of(house, ring) as client:
        assert (await given(client, "act", after)).headers["location"] == "/"


async def test_a_key_that_another_site_would_have_kept_is_not(
    house: House, ring: KeyRing
) -> None:
    async with pages_of(house, ring) as client:
        answer = await client.post("/key", data={"key": "act"})

    assert answer.status_code == 403
    assert "relevo_key" not in answer.headers.get("set-cookie", "")


async def test_a_form_of_another_site_does_nothing(house: House) -> None:
    async with pages_of(house) as client:
        fields = {"what": "rollback", "subject": "pima", "version": "1", "who": "eve"}
        answer = await client.post("/act", data=fields)

    assert answer.status_code == 403
    assert house.registry.champions == {"pima": "2"}


async def test_letters_stand_by_reason_and_what_others_wrote_is_text(house: House) -> None:
    async with pages_of(house) as client:
        page = (await client.get("/dead-letters")).text
        one = (await client.get("/dead-letters/batch.raw.dead/0/10")).text

    assert page.count("no &lt;Parquet&gt;") == 1
    assert "Send all 2 again" in page, "one of the three was never a message"
    assert "nothing to send again" in one
    assert "Send again…" not in one


async def test_all_letters_of_a_reason_are_told_before_they_are_sent(house: House) -> None:
    async with pages_of(house) as client:
        page = (await client.get("/dead-letters")).text
        found = re.search(r'href="(/act[^"]+)">Send all 2', page)
        assert found
        url = found[1].replace("&amp;", "&")
        asked = await client.get(url)
        assert not house.box.sent, "asking sends nothing"
        done = await confirmed(client, url, who="ana")

    assert "2 messages" in asked.text
    assert done.text.count("was sent again") == 2
    assert len(house.box.sent) == 2


async def test_a_letter_that_is_done_is_hidden_until_all_are_asked(
    house: House,
) -> None:
    async with pages_of(house) as client:
        url = "/act?what=done&subject=batch.raw.dead+0+9"
        await confirmed(client, url, who="ana", why="a copy")
        page = (await client.get("/dead-letters")).text
        everything = (await client.get("/dead-letters?all=1")).text

    assert "/dead-letters/batch.raw.dead/0/9" not in page
    assert "Show 1 more" in page
    assert "done, says ana (a copy)" in everything


async def test_what_cannot_be_done_is_said_with_what_to_do(house: House) -> None:
    async with pages_of(house) as client:
        unknown = await confirmed(client, "/act?what=promote&subject=pima", who="ana",
                                  version="9")  # fmt: skip
        nothing = await client.get("/act?what=explode")
        house.is_away = True
        away = [await client.get(path) for path in ("/dead-letters", "/history")]

    assert "no version &#39;9&#39; of pima" in unknown.text
    assert nothing.status_code == 409
    assert [answer.status_code for answer in away] == [503, 503]
    assert all("says the test" in answer.text for answer in away)


async def refused(house: House) -> None:
    """Batch 3, which the cleaner refused."""
    raw = samples.raw(3, "pima")
    told = Announcement(
        envelope=Envelope.of(raw, source="test", cause="it").model_dump(mode="json"),
        body=raw.model_dump(mode="json"),
    )
    taken = samples.result(Stage.RAW, 3, dataset="pima", after=1, seconds=1)
    await house.history.record(taken.model_copy(update={"announcement": told}))
    no = samples.result(Stage.CLEAN, 3, Verdict.REFUSED, dataset="pima", after=1, seconds=1)
    await house.history.record(no)


async def test_a_refused_batch_is_tried_again_after_it_was_confirmed(house: House) -> None:
    await refused(house)
    async with pages_of(house) as client:
        url = "/act?what=retry&subject=pima-0003"
        asked = await client.get(url)
        assert not house.box.sent, "asking does nothing"
        done = await confirmed(client, url, who="ana", why="the gate was wrong")
        told = (await client.get("/history?subject=pima-0003")).text

    assert "Batch 3 of pima will be cleaned again" in asked.text
    assert "batch 3 of pima will be cleaned again" in done.text
    assert [sent.topic for sent in house.box.sent] == ["batch.raw"]
    assert all(word in told for word in ("ana", "the gate was wrong", "retry"))


async def test_a_held_batch_is_released_or_rejected_for_a_reason(house: House) -> None:
    for stage, verdict in ((Stage.CLEAN, Verdict.ACCEPTED), (Stage.TRAINED, Verdict.HELD)):
        await house.history.record(
            samples.result(stage, 3, verdict, dataset="pima", after=1, seconds=1)
        )
    async with pages_of(house) as client:
        told = [
            (await confirmed(client, f"/act?what={what}&subject=pima-0003", **said)).text
            for what, said in (
                ("release", {"who": "ana"}),
                ("release", {"who": "ana", "why": "a flu"}),
                ("reject", {"who": "bo", "why": "it was no flu"}),
            )
        ]

    assert "is not released without a reason" in told[0]
    assert "it is learned from as soon as its turn comes" in told[1]
    assert "batch pima-0003 is rejected" in told[2]
    assert str((await house.history.decisions("pima"))["pima-0003"]) == (
        "rejected by bo: it was no flu"
    )


async def test_a_batch_that_cannot_be_made_again_says_why(house: House) -> None:
    await refused(house)
    async with pages_of(house) as client:
        never = await client.get("/act?what=replay&stage=trained&subject=pima-0003")
        unknown = await client.get("/act?what=retry&subject=pima-0004")
        wrong = [
            await client.get(f"/act?what=replay&stage={stage}&subject={subject}")
            for stage, subject in (("", "pima-0003"), ("clean", "pima"), ("clean", "x-٣"))
        ]

    assert "was ever trained" in never.text
    assert "there is no batch 4 of pima" in unknown.text
    assert {answer.status_code for answer in [never, unknown, *wrong]} == {409}

"""The pages say what is so, escape what others wrote, and load nothing of a stranger's."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from console.live.telling import LiveStory
from console.pages.events import family
from console.pages.now import render, troubles
from console.pages.shell import STATIC, Shell
from relevo_contracts import Envelope, Event
from relevo_story.telling import samples
from relevo_story.telling.facts import Fact, Happened, Lag, Lags
from relevo_story.telling.samples import happened

NOW = datetime(2026, 11, 21, 12, 10, tzinfo=UTC)


async def test_now_tells_who_is_on_duty_and_what_became_of_each_batch(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/")).text

    assert re.search(r"diabetes130 <b>version 1</b>", page)
    assert page.count('<span class="dot" aria-hidden="true"></span>pod-') == 2
    assert re.search(r'chip good">promoted', page)
    assert "batch 3 of 7 due" in page


async def test_what_others_wrote_is_text_and_no_markup(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text + (await client.get("/events")).text

    assert "&lt;b&gt;odd&lt;/b&gt;" in page
    assert "<b>odd</b>" not in page


@pytest.mark.parametrize("path", ["/", "/data", "/events", "/predict/pima"])
async def test_a_page_loads_little_and_all_of_it_from_the_console(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)
    loaded = re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', answer.text)
    sizes = [(STATIC / name.rpartition("/")[2]).stat().st_size for name in loaded]

    assert all(name.startswith("/relevo/static/") for name in loaded)
    assert len(loaded) + 1 <= 5
    assert sum(sizes) + len(answer.text) <= 150_000
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?! src)|style=|onclick=", answer.text)


async def test_events_are_found_by_topic_and_by_a_word(client: httpx.AsyncClient) -> None:
    page = (await client.get("/events?topic=model.served&about=POD-2")).text

    assert "/relevo/events/model.served/0/1" in page
    assert "/relevo/events/model.served/0/0" not in page


async def test_an_event_is_asked_of_kafka_and_says_when_kafka_is_away(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/events/batch.raw/0/0")

    assert answer.status_code == 503
    assert "no Kafka answers at 127.0.0.1:1" in answer.text
    assert "--topic batch.raw --partition 0 --offset 0 --max-messages 1" in answer.text


def test_an_event_has_its_cause_above_it_and_its_effects_below(
    live_of: Callable[[Iterable[Fact]], LiveStory],
) -> None:
    raw = happened(samples.raw(1))
    clean = caused(samples.clean(1), raw)
    promoted = caused(samples.promoted("1", 1), clean)
    served = [caused(samples.served(pod, "1", 1), promoted) for pod in ("pod-1", "pod-2")]
    live = live_of([raw, clean, promoted, *served, happened(samples.raw(2), offset=9)])
    opened = live.told[1]

    tree = family(opened, live.told)

    assert tree.told.record == raw
    assert [each.is_open for each in tree.effects] == [True]
    assert [each.told.record for each in tree.effects[0].effects] == [promoted]
    pods = tree.effects[0].effects[0].effects
    assert [each.told.record for each in pods] == served


def caused(event: Event, cause: Happened) -> Happened:
    envelope = Envelope.of(event, source="test", cause=cause.envelope)
    return replace(happened(event), envelope=envelope)


def test_what_is_late_or_refused_is_worth_a_look(live: LiveStory) -> None:
    live.take(Lags((Lag("cleaner", "batch.raw", 3, 90.0),)))
    live.take(happened(samples.served("pod-2", "2", 2, refused="golden row 3"), offset=7))

    told = list(troubles(live.story, NOW))

    assert told == [
        "pod-2 refused version 2 and serves no model yet: golden row 3",
        "cleaner is behind on batch.raw by 3 records, 1 min 30 s",
    ]


def test_every_part_of_now_is_drawn_before_anything_is_known() -> None:
    parts = render(Shell(), LiveStory([]), NOW)

    assert "No champion yet" in parts["champions"]
    assert "No batch yet" in parts["batches"]

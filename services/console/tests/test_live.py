"""What happens reaches every page: once, in order, with drops told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast

from console.live.hub import MOST_WAITING, Board, Hub
from console.live.stream import BEAT, as_partials, items_stream, message, parts_stream
from console.live.telling import LiveStory
from relevo_story.telling import samples
from relevo_story.telling.facts import Happened
from relevo_story.telling.samples import happened


async def test_a_browser_that_does_not_read_loses_the_oldest_and_is_told_how_many() -> None:
    hub: Hub[int] = Hub("test")

    with hub.listening() as listener:
        for number in range(MOST_WAITING + 3):
            hub.publish(number)

        assert listener.dropped == 3
        assert await listener.take(1) == list(range(3, MOST_WAITING + 3))


async def test_who_listens_hears_only_what_it_wants_and_nobody_else_after_it_left() -> None:
    hub: Hub[int] = Hub("test")

    with hub.listening(lambda number: number > 1) as listener:
        hub.publish(1)
        hub.publish(2)
        assert await listener.take(1) == [2]
        assert await listener.take(0.01) == []

    assert not hub.is_heard


async def test_a_listener_that_waits_is_woken() -> None:
    hub: Hub[str] = Hub("test")

    with hub.listening() as listener:
        waiting = asyncio.create_task(listener.take(10))
        await asyncio.sleep(0)
        hub.publish("now")

        assert await asyncio.wait_for(waiting, 1) == ["now"]


async def test_a_browser_that_comes_back_is_told_the_whole_list_and_again_after_drops() -> (
    None
):
    hub: Hub[int] = Hub("test")
    answer = items_stream(
        hub, lambda _: True, lambda new: f"{[*new]}", lambda n: f"all, {n} lost", bool
    )
    told = cast(AsyncIterator[str], answer.body_iterator)

    assert await anext(told) == message("all, 0 lost")
    hub.publish(1)
    assert await anext(told) == message("[1]")
    for number in range(MOST_WAITING + 3):
        hub.publish(number)
    assert await anext(told) == message("all, 3 lost")
    hub.publish(2)
    assert await anext(told) == message("[2]")
    assert await anext(told) == BEAT


async def test_only_parts_that_changed_are_told() -> None:
    board = Board("test")

    with board.hub.listening() as listener:
        board.show({"a": "1", "b": "1"})
        board.show({"a": "1", "b": "2"})

        assert await listener.take(1) == [{"a": "1", "b": "1"}, {"b": "2"}]
    assert board.parts == {"a": "1", "b": "2"}


def test_html_of_several_lines_is_one_event_of_the_stream() -> None:
    assert message("<p>\n</p>") == "data: <p>\ndata: </p>\n\n"
    assert 'hx-target="#lag"' in as_partials({"lag": "<ul></ul>"})


def test_a_record_that_is_read_again_is_told_once() -> None:
    live = LiveStory([samples.DATASET])
    record = happened(samples.raw(1), offset=4)

    live.take(record)
    live.take(record)

    assert [told.record for told in live.told] == [record]


def test_a_topic_made_anew_is_told_though_its_offsets_begin_again() -> None:
    live = LiveStory([samples.DATASET])
    old = happened(samples.raw(1), offset=4)
    later = samples.at(9, 0)
    new = at_time(happened(samples.raw(2), offset=0), later)

    live.take(at_time(old, samples.at(1, 0)))
    live.take(new)

    assert [told.record.place.offset for told in live.told] == [4, 0]


def at_time(record: Happened, time: object) -> Happened:
    return replace(record, envelope=record.envelope.model_copy(update={"time": time}))


async def test_who_opens_a_page_that_nobody_looked_at_is_told_how_it_is_now() -> None:
    board = Board("test")
    board.show({"a": "old", "b": "same"})
    stream = parts_stream(board, lambda: {"a": "new", "b": "same"}, lambda: True)

    first = await anext(aiter(stream.body_iterator))

    assert "new" in str(first)
    assert "same" in str(first)
    assert "old" not in str(first)

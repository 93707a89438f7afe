"""What happens appears on open pages by itself, and what they say of the line is true."""

import time

import pytest
from playwright.sync_api import Page, Route, expect

from relevo_contracts import Topic
from tests.browser.looking import LIVE, Pages
from tests.pipeline.reaching import until
from tests.pipeline.running import RunningPlatform

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

AWAY_SECONDS = 20
SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((seen) => {
    for (const entry of seen.getEntries()) {
      const moved = entry.sources.map((source) => source.node).filter(Boolean);
      const place = (node) => node.parentElement?.closest("[id]")?.id ?? node.nodeName;
      window.shifts.push([entry.value, [...new Set(moved.map(place))]]);
    }
  }).observe({type: "layout-shift", buffered: true});
}"""


def live(pages: Pages, path: str, width: int = 1400) -> Page:
    """The page when it hears of changes; the mark goes when it is loaded again."""
    page = pages.new(width)
    page.goto(path)
    expect(page.locator(LIVE)).to_be_visible()
    page.evaluate("window.mark = true")
    return page


def is_loaded_again(page: Page) -> bool:
    return not page.evaluate("window.mark === true")


def test_nothing_jumps_while_a_batch_goes_its_way(pages: Pages) -> None:
    opened = [live(pages, "/", width) for width in (390, 1400)]
    events = live(pages, "/events")
    for page in [*opened, events]:
        page.evaluate(SHIFTS)
    rows = events.locator("#rows tr")
    before = rows.count()

    until_more(events, "#rows tr", before + 2)

    for page in opened:
        shifts = page.evaluate("window.shifts")
        assert sum(value for value, _ in shifts) < 0.05, shifts
        assert not is_loaded_again(page)
    # that a new event moves the older ones down is what the list is for
    beside = [each for each in events.evaluate("window.shifts") if each[1] != ["rows"]]
    assert sum(value for value, _ in beside) < 0.05, beside


def until_more(page: Page, what: str, count: int) -> None:
    """Wait until the page holds so many of them, for as long as a batch may take."""
    condition = "([what, count]) => document.querySelectorAll(what).length >= count"
    page.wait_for_function(condition, arg=[what, count], timeout=90_000)


def test_an_event_appears_on_open_pages_after_kafka_was_away(
    pages: Pages, platform: RunningPlatform
) -> None:
    now, events = live(pages, "/"), live(pages, f"/events?topic={Topic.BATCH_RAW_DEAD}")
    platform.freeze("kafka")
    try:
        back = time.monotonic() + AWAY_SECONDS
        until(lambda: time.monotonic() > back, seconds=60, what="time stands still")
        for page in (now, events):
            expect(page.locator(LIVE)).to_be_visible()
    finally:
        platform.thaw("kafka")
    produce = ["kafka", "console-producer", "--topic", Topic.BATCH_RAW.value]
    platform.relevo_with_input("this is no event\n", *produce)

    row = events.locator("#rows tr").first
    expect(row).to_contain_text(Topic.BATCH_RAW_DEAD.value, timeout=60_000)
    expect(now.locator("#trouble")).to_contain_text("dead letter")
    expect(now.locator("#lines")).to_contain_text("dead letter")
    assert not any(map(is_loaded_again, (now, events)))


def test_pages_say_that_the_console_is_away_and_go_on_when_it_is_back(
    pages: Pages, platform: RunningPlatform
) -> None:
    now, events = live(pages, "/"), live(pages, "/events")
    known = events.locator("#rows tr").count()

    platform.kill("console")

    for page in (now, events):
        expect(page.locator("#link")).to_contain_text("connection lost")
    for page in (now, events):
        expect(page.locator(LIVE)).to_be_visible(timeout=60_000)
        assert not is_loaded_again(page)
    until_more(events, "#rows tr", known)
    expect(now.locator("#champions .card .big")).to_be_visible()
    pages.forgive()  # browsers tell of each try that found nobody


def test_a_stream_that_cannot_be_opened_at_once_is_opened_later(pages: Pages) -> None:
    page = pages.new()
    page.route("**/live/events*", lambda route: route.abort(), times=1)

    page.goto("/events")

    expect(page.locator("#link")).to_contain_text("connection lost")
    expect(page.locator(LIVE)).to_be_visible()
    pages.forgive()


def test_a_page_is_live_though_a_script_of_it_comes_late(pages: Pages) -> None:
    page = pages.new()

    held: list[Route] = []
    page.route("**/hx-sse.min.js", held.append)
    page.goto("/", wait_until="commit")
    page.wait_for_function("window.htmx")
    until(lambda: bool(page.title() and held), seconds=30, what="it is not asked for")
    held[0].continue_()

    expect(page.locator(LIVE)).to_be_visible()


def test_a_paused_list_stays_as_it_is_and_has_all_when_it_goes_on(pages: Pages) -> None:
    page = live(pages, "/events")

    page.get_by_role("button", name="Pause").click()
    expect(page.locator(LIVE)).to_be_visible()
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(LIVE)).to_be_visible()

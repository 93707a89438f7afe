"""Every page, and one detail of it, is light, fits every screen and can be used by all."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from console.pages.shell import PAGES
from tests.browser.looking import Pages, first_detail

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PATHS = {key: path for key, _, path in PAGES}
LOADED = """() => [...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource")]
  .filter((each) => !each.name.includes("/live/"))
  .map((each) => [each.name, each.transferSize])"""


@pytest.mark.parametrize("key", PATHS)
def test_a_page_is_loaded_by_few_requests(page: Page, key: str) -> None:
    page.goto(PATHS[key])
    loaded = page.evaluate(LOADED)

    assert sum(size for _, size in loaded) <= 150_000, loaded
    if key == "now":
        assert len(loaded) <= 5, loaded


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("key", PATHS)
def test_axe_finds_no_error_and_nothing_is_wider_than_the_page(
    pages: Pages, key: str, width: int, scheme: str
) -> None:
    page = pages.new(width, scheme=scheme)
    page.goto(PATHS[key])
    look_at(page, width)
    if detail := first_detail(page, PATHS[key]):
        page.goto(detail)
        look_at(page, width)


def look_at(page: Page, width: int) -> None:
    """What axe finds, and how wide the page is."""
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def test_times_are_those_of_the_browsers_zone(page: Page) -> None:
    page.goto("/events")
    time = page.locator("#rows time").first
    zone = {"timeZone": "Asia/Kolkata", "hour12": False}
    told = page.evaluate(
        "([time, zone]) => new Date(time).toLocaleTimeString('en-GB', zone)",
        [time.get_attribute("datetime"), zone],
    )

    assert time.inner_text().endswith(told)


def test_an_event_is_opened_with_its_body_and_its_relatives(page: Page) -> None:
    page.goto("/events?topic=batch.clean")
    page.locator("#rows a").last.click()

    assert '"batch_id"' in page.locator("pre").first.inner_text()
    assert page.locator(".tree [aria-current]").count() == 1
    assert page.locator(".tree a").count() >= 1

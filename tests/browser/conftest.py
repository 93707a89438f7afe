"""A browser, and one platform for all that it looks at."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looking import Pages, running_chromium
from tests.pipeline.reaching import until
from tests.pipeline.running import RunningPlatform

INTERVAL_SECONDS = 25.0
"""So batches come for three minutes: something moves while the first pages are open."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """The platform as `relevo up` starts it, with a champion on every pod."""
    state = tmp_path_factory.mktemp("platform") / "state"
    running = RunningPlatform(state, interval=INTERVAL_SECONDS)
    try:
        with ThreadPoolExecutor(1) as beside:  # Playwright's loop runs in this thread
            promoted = running.until_promoted(1, seconds=180)
            beside.submit(asyncio.run, promoted).result()
        until(
            lambda: not {"none", "away"} & {*running.versions()},
            seconds=60,
            what=lambda: f"a pod has no model:\n{running.told()}",
        )
        yield running
    finally:
        running.stop()


@pytest.fixture
def pages(chromium: Browser, platform: RunningPlatform) -> Iterator[Pages]:
    """Opens pages of the console; what goes wrong on one of them fails the test."""
    pages = Pages(chromium, platform.addresses.services["console"])
    yield pages
    pages.close()
    assert pages.troubles == []


@pytest.fixture
def page(pages: Pages) -> Page:
    """An empty page of the usual size, `page.goto("/events")` opens one of the console."""
    return pages.new()

"""The pages below a prefix, with nothing of the platform there but the console."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from console.pages.shell import PAGES
from relevo_local.places.ports import free_port
from relevo_local.services import Service
from relevo_local.supervising.starting import running
from tests.browser.looking import LIVE, Pages
from tests.browser.proxy import PREFIX, running_proxy

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

NOBODY = "127.0.0.1:1"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a console that shows itself below a prefix and reaches nobody."""
    folder = tmp_path_factory.mktemp("console")
    environment = {
        "CONSOLE_PREFIX": PREFIX,
        "KAFKA_BOOTSTRAP_SERVERS": NOBODY,
        "CATALOG_URL": f"postgresql://nobody@{NOBODY}/catalog",
        "MLFLOW_TRACKING_URI": f"http://{NOBODY}",
        "S3_ENDPOINT_URL": f"http://{NOBODY}",
        "S3_ACCESS_KEY": "none",
        "S3_SECRET_KEY": "none",
    }
    service = Service("console", "console", free_port(), folder, environment)
    with running(service, folder / "console.log"):
        yield service.url


@pytest.mark.parametrize("strips", [True, False], ids=["taken off", "passed on"])
def test_every_page_works_below_a_prefix(
    chromium: Browser, console: str, strips: bool
) -> None:
    with running_proxy(console, strips=strips) as address:
        pages = Pages(chromium, address)
        page = pages.new()
        page.goto(f"{address}/")
        expect(page.locator(LIVE)).to_be_visible()
        for _, title, path in PAGES:
            page.get_by_role("navigation", name="Pages").get_by_text(title).click()
            expect(page).to_have_url(re.compile(re.escape(f"{address}{path}")))
            expect(page.locator("nav [aria-current]")).to_have_text(title)
        pages.close()

    away = [each for each in pages.troubles if "503" in each]  # nobody answers the page
    assert [each for each in pages.troubles if each not in away] == []

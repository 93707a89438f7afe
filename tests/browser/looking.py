"""Pages in a browser that note whatever goes wrong on them."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

CHROMIUM = "/usr/bin/chromium"
ZONE = "Asia/Kolkata"
"""Five and a half hours from UTC: no clock of a server shows it by chance."""
PATIENCE = 30_000
"""Milliseconds: of a loaded machine's page to do what it does at once."""
LIVE = '#link[data-state="live"]'
LEFT = "net::ERR_ABORTED"
"""What streams and parts that come later end with when their page is left."""


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Debian's, as Playwright's own has to be downloaded from elsewhere."""
    options = ["--no-sandbox", "--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()


class Pages:
    """Opens pages below `base_url`; `troubles` says what went wrong on any of them."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser = browser
        self._base_url = base_url
        self._contexts: list[BrowserContext] = []
        self.troubles: list[str] = []

    def new(self, width: int = 1400, height: int = 1000, scheme: str = "light") -> Page:
        """An empty page; `scheme` is light or dark."""
        context = self._browser.new_context(
            base_url=self._base_url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            timezone_id=ZONE,
            locale="en-GB",
        )
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._hear)  # violations of the policy are errors there
        page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        page.on("requestfailed", self._see_failure)
        page.on("response", self._see_answer)
        return page

    def forgive(self) -> None:
        """What went wrong so far was meant to."""
        self.troubles.clear()

    def close(self) -> None:
        """All pages, with their cookies."""
        for context in self._contexts:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(f"{message.type}: {message.text}")

    def _see_failure(self, request: Request) -> None:
        if request.failure != LEFT:
            self.troubles.append(f"{request.method} {request.url}: {request.failure}")

    def _see_answer(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.url} answered {response.status}")


def first_detail(page: Page, path: str) -> str | None:
    """Where the first link below the page's own path leads, such as to one event."""
    links = page.locator(f'main a[href*="{path.rstrip("/")}/"]')
    return links.first.get_attribute("href") if path != "/" and links.count() else None

"""Pictures of every page of a running platform, for documents (make pictures)."""

import argparse
import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from console.pages.shell import PAGES
from relevo_local.places.addresses import read_addresses
from tests.browser.looking import Pages, first_detail, running_chromium

FOLDER = Path("docs/pictures")
WIDTHS = (390, 900, 1600)
HIGHEST = 1600
MOST_BYTES = 1_500_000
DRAWN_SECONDS = 1.5
"""Charts and times are written by scripts, and what comes late is drawn."""


def take(page: Page, path: str, file: Path) -> None:
    """The page as it is, cut where it gets long."""
    page.goto(path)
    page.wait_for_timeout(DRAWN_SECONDS * 1000)
    width, height = page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
    page.set_viewport_size({"width": width, "height": min(height, HIGHEST)})
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").save(file, lossless=True)


def take_all(pages: Pages, folder: Path) -> None:
    """Each page at each width, the widest in the dark too; one detail of each."""
    for key, _, path in PAGES:
        for width in WIDTHS:
            take(pages.new(width), path, folder / f"{key}-{width}.webp")
        page = pages.new(WIDTHS[-1], scheme="dark")
        take(page, path, folder / f"{key}-{WIDTHS[-1]}-dark.webp")
        if detail := first_detail(page, path):
            take(pages.new(WIDTHS[-1]), detail, folder / f"{key}-one-{WIDTHS[-1]}.webp")


def main() -> None:
    """Take them, and say how much room they need."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state", type=Path, help="the folder of the running platform")
    parser.add_argument("--into", type=Path, default=FOLDER)
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    with running_chromium() as browser:
        pages = Pages(browser, read_addresses(options.state).services["console"])
        take_all(pages, options.into)
        pages.close()
    size = sum(file.stat().st_size for file in options.into.glob("*.webp"))
    print(f"{options.into}: {size / 1e6:.2f} MB")
    if size > MOST_BYTES:
        raise SystemExit(f"that is more than {MOST_BYTES / 1e6} MB")


if __name__ == "__main__":
    main()

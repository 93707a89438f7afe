"""The pages for people, by a plain HTTP client: whole, and told of what happens."""

from collections.abc import Iterator

import httpx
import pytest

from console.pages.shell import PAGES
from tests.pipeline.running import RunningPlatform

pytestmark = [pytest.mark.platform, pytest.mark.timeout(120)]

SOON = httpx.Timeout(10, read=60)
"""A stream says something every second, and an event comes with each batch."""


def test_every_page_is_whole(platform: RunningPlatform) -> None:
    console = platform.addresses.services["console"]
    for _, title, path in PAGES:
        answer = platform.client.get(f"{console}{path}", follow_redirects=True)

        assert answer.status_code == 200, f"{path}: {answer.text}"
        assert f"<title>{title} · relevo</title>" in answer.text
        assert answer.text.rstrip().endswith("</html>")


@pytest.mark.parametrize("name", ["now", "events"])
def test_an_event_appears_on_the_stream_of_a_page(
    platform: RunningPlatform, name: str
) -> None:
    url = f"{platform.addresses.services['console']}/live/{name}"
    with httpx.stream("GET", url, timeout=SOON) as answer:
        first, *more = told(answer, 2)

    assert "<hx-partial" in first, "a page that comes late is told what is known"
    assert any("diabetes130" in each or "batch" in each for each in more)


def told(answer: httpx.Response, count: int) -> list[str]:
    """So many messages of the stream, those apart that only say that it lives."""
    found: list[str] = []
    lines: list[str] = []
    for line in answer.iter_lines():
        if line:
            lines.append(line)
            continue
        if html := "\n".join(data(lines)).strip():
            found.append(html)
        lines.clear()
        if len(found) == count:
            break
    return found


def data(lines: list[str]) -> Iterator[str]:
    """The text of an event's fields of that name."""
    return (line.removeprefix("data: ") for line in lines if line.startswith("data: "))

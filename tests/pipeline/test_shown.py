"""The pages for people, by a plain HTTP client: whole, and told of what happens."""

from collections.abc import Iterator

import httpx
import pytest
from mlflow import MlflowClient

from console.pages.shell import PAGES
from tests.pipeline.reaching import MODEL
from tests.pipeline.running import RunningPlatform

pytestmark = [pytest.mark.platform, pytest.mark.timeout(120)]

SOON = httpx.Timeout(10, read=60)
"""A stream says something every second."""


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
    client = MlflowClient(platform.addresses.mlflow)
    champion = str(client.get_model_version_by_alias(MODEL, "champion").version)
    url = f"{platform.addresses.services['console']}/live/{name}"
    with httpx.stream("GET", url, timeout=SOON) as answer:
        messages = told(answer)
        first = next(messages)
        client.set_registered_model_alias(MODEL, "champion", "1")
        moved = next(html for html in messages if "version 1 again" in html)
    client.set_registered_model_alias(MODEL, "champion", champion)
    platform.until_served(champion, seconds=20)

    assert "<hx-partial" in first, "a page that comes late is told what is known"
    assert MODEL in moved


def told(answer: httpx.Response) -> Iterator[str]:
    """The messages of the stream, those apart that only say that it lives."""
    lines: list[str] = []
    for line in answer.iter_lines():
        if line:
            lines.append(line)
            continue
        if html := "\n".join(data(lines)).strip():
            yield html
        lines.clear()


def data(lines: list[str]) -> Iterator[str]:
    """The text of an event's fields of that name."""
    return (line.removeprefix("data: ") for line in lines if line.startswith("data: "))

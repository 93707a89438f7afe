"""Alerts of Prometheus, read every ten seconds; that it is away is said once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import httpx
from pydantic import AwareDatetime, BaseModel

from relevo_story.sources.trouble import Trouble
from relevo_story.telling.facts import Said, Tone

ALERTS_SECONDS = 10.0
HTTP_SECONDS = 3.0


class Alert(BaseModel):
    """A rule that holds; `state` is pending until it has held for long enough."""

    labels: dict[str, str]
    annotations: dict[str, str] = {}
    state: str
    activeAt: AwareDatetime

    @property
    def text(self) -> str:
        """What it says of itself; else its name."""
        return self.annotations.get("summary") or self.labels.get("alertname", "an alert")


class _Found(BaseModel):
    alerts: list[Alert]


class _Answer(BaseModel):
    data: _Found


async def read_alerts(client: httpx.AsyncClient, url: str) -> list[Alert]:
    """Those that fire, the oldest first.

    Raises httpx.HTTPError when Prometheus is away, ValueError when it says nonsense.
    """
    answer = await client.get(f"{url.rstrip('/')}/api/v1/alerts")
    found = _Answer.model_validate_json(answer.raise_for_status().content).data.alerts
    firing = [alert for alert in found if alert.state == "firing"]
    return sorted(firing, key=lambda alert: (alert.activeAt, alert.text))


async def keep_alerts(
    read: Callable[[], Awaitable[list[Alert]]],
    show: Callable[[list[Alert]], None],
    say: Callable[[Said], None],
    *,
    every: float = ALERTS_SECONDS,
) -> None:
    """Show what fires for ever; none while it cannot be read, as nobody knows then."""

    def tell(text: str, tone: Tone) -> None:
        say(Said(datetime.now(UTC), "view", text, tone))

    trouble = Trouble("Prometheus's alerts", tell, time.monotonic)
    while True:
        try:
            show(await read())
            trouble.is_over()
        except (httpx.HTTPError, ValueError) as error:
            show([])
            trouble.fails(error)
        await asyncio.sleep(every)

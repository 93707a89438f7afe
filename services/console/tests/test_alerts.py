"""What fires in Prometheus is shown, and a Prometheus that is away harms nobody."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from console.live.alerts import Alert, keep_alerts, read_alerts
from console.live.telling import LiveStory
from console.pages.now import render
from console.pages.shell import Shell
from relevo_story.sources import trouble
from relevo_story.telling.facts import Said

NOW = datetime(2026, 11, 21, 12, 10, tzinfo=UTC)


def alert(name: str, state: str, at: str) -> dict[str, object]:
    labels = {"alertname": name, "severity": "page"}
    summary = {"summary": f"{name} <b>says</b> so."}
    return {"labels": labels, "annotations": summary, "state": state, "activeAt": at}


def prometheus(request: httpx.Request) -> httpx.Response:
    assert request.url.path == "/api/v1/alerts"
    alerts = [
        alert("Later", "firing", "2026-11-21T12:09:00.123456789Z"),
        alert("First", "firing", "2026-11-21T12:00:00Z"),
        alert("NotYet", "pending", "2026-11-21T12:00:00Z"),
    ]
    return httpx.Response(200, json={"status": "success", "data": {"alerts": alerts}})


async def test_what_fires_is_worth_a_look_the_oldest_first(live: LiveStory) -> None:
    transport = httpx.MockTransport(prometheus)
    async with httpx.AsyncClient(transport=transport) as client:
        live.show_alerts(await read_alerts(client, "http://prometheus:9090/"))

    html = render(Shell(), live, NOW)["trouble"]

    assert [each.labels["alertname"] for each in live.alerts] == ["First", "Later"]
    assert "First &lt;b&gt;says&lt;/b&gt; so." in html
    assert "NotYet" not in html


async def test_a_prometheus_that_is_away_is_told_once_and_its_alerts_are_not_claimed(
    live: LiveStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trouble, "PATIENCE_SECONDS", 0.0)
    live.show_alerts([Alert.model_validate(alert("Old", "firing", "2026-11-21T12:00:00Z"))])
    said: list[Said] = []
    tries = 0

    async def read() -> list[Alert]:
        nonlocal tries
        tries += 1
        if tries == 3:
            raise asyncio.CancelledError
        raise httpx.ConnectError("All connection attempts failed")

    with pytest.raises(asyncio.CancelledError):
        await keep_alerts(read, live.show_alerts, said.append, every=0)

    assert live.alerts == []
    [told] = said
    assert told.text.startswith("cannot read Prometheus's alerts just now")

"""What all pages have in common: templates, navigation, filters, headers of safety."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from relevo_story.telling import figures

TEMPLATES = Path(__file__).parents[1] / "templates"
STATIC = Path(__file__).parents[1] / "static"

PAGES = (
    ("now", "Now", "/"),
    ("batches", "Batches", "/batches"),
    ("models", "Models", "/models"),
    ("predict", "Predict", "/predict"),
    ("events", "Events", "/events"),
    ("dead-letters", "Dead letters", "/dead-letters"),
    ("data", "Data", "/data"),
    ("history", "History", "/history"),
)
"""Key, title and path of each page, in the order of the navigation."""

SAFETY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True)
class Links:
    """Where a person's browser reaches the other pages of the platform; None: nowhere."""

    mlflow: str | None = None
    grafana: str | None = None
    traces: str | None = None
    has_keys: bool = False
    """Whether a person may have to give a key."""


class Shell:
    """Renders templates; `base` is the path below which the console is shown."""

    def __init__(self, base: str = "", links: Links | None = None) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        shown = {"base": base, "links": links or Links(), "pages": PAGES}
        self._environment.globals |= shown
        self._environment.filters |= FILTERS

    def part(self, template: str, **shown: object) -> str:
        """A template as HTML."""
        return self._environment.get_template(template).render(shown)

    def page(
        self, template: str, *, key: str, status: int = 200, **shown: object
    ) -> HTMLResponse:
        """A whole page; `key` is its own in the navigation."""
        html = self.part(template, here=key, **shown)
        return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})


def moment(time: datetime | None) -> Markup:
    """A time in UTC, which the page's script writes in the browser's zone."""
    if time is None:
        return Markup("–")
    iso = time.isoformat(timespec="milliseconds")
    told = time.strftime("%Y-%m-%d %H:%M:%S UTC")
    return Markup('<time datetime="{}">{}</time>').format(iso, told)


def ago(time: datetime | None) -> Markup:
    """How long ago, counted on by the page's script."""
    return counted(time, "ago")


def lasting(time: datetime | None) -> Markup:
    """For how long it lasts already, counted on by the page's script."""
    return counted(time, "lasting")


def counted(time: datetime | None, how: str) -> Markup:
    """A time whose distance from now the script writes, in that way."""
    if time is None:
        return Markup("–")
    iso = time.isoformat(timespec="milliseconds")
    return Markup('<time class="{}" datetime="{}">{}</time>').format(
        how, iso, time.strftime("%H:%M:%S UTC")
    )


def as_json(value: object) -> str:
    """Indented, for people."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def percent(share: float | None, digits: int = 1) -> str:
    """0.1234 -> '12.3 %'."""
    return "–" if share is None else f"{share * 100:.{digits}f} %"


def metric(value: float | None) -> str:
    """A figure of a model, three decimals."""
    return "–" if value is None else figures.metric(value)


def number(value: float | None) -> str:
    """Any number, with a few digits: 0.00166, 12.35, 1,234.5."""
    if value is None:
        return "–"
    digits = 6 if abs(value) < 0.01 else 4 if abs(value) < 1 else 2
    return f"{value:,.{digits}f}".rstrip("0").rstrip(".")


def psi(value: float) -> str:
    """A stability index or its noise: small ones with more digits."""
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def seconds(value: float | None) -> str:
    """A duration, as everywhere in the story."""
    return "–" if value is None else figures.seconds(value)


def chip(word: str | None, tones: Mapping[str, str] | None = None) -> Markup:
    """A word in a coloured pill, after its meaning."""
    tone = (tones or TONES).get(word or "", "plain")
    return Markup('<span class="chip {}">{}</span>').format(tone, escape(word or "–"))


TONES = {
    "promoted": "good",
    "served": "good",
    "available": "good",
    "accepted": "good",
    "kept": "plain",
    "held": "bad",
    "refused": "bad",
    "unavailable": "bad",
}
FILTERS = {
    "rows": figures.rows,
    "seconds": seconds,
    "metric": metric,
    "figure": figures.figure,
    "number": number,
    "psi": psi,
    "percent": percent,
    "size": figures.size,
    "reason": figures.reason,
    "moment": moment,
    "ago": ago,
    "lasting": lasting,
    "chip": chip,
    "pretty": as_json,
}


class Frame:
    """Takes requests below a prefix too, and puts the headers of safety on every answer."""

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # the console's prefix is its own setting, whatever a proxy calls it
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        scope["root_path"], scope["path"] = self._base, path
        if path != self._base and not path.startswith(f"{self._base}/"):
            scope["path"] = self._base + path  # a proxy took the prefix off

        async def safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SAFETY)
            await send(message)

        await self._app(scope, receive, safely if scope["type"] == "http" else send)

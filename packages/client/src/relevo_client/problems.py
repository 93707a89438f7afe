"""Refusals as exceptions that carry the problem details (RFC 9457)."""

from typing import Any

import httpx

MOST_TOLD = 200
"""Characters of an answer that is no problem details: a proxy's page, say."""


class ProblemError(Exception):
    """A request that was not answered.

    status: of HTTP. title, detail: in words. type: about:blank, or a name of the problem.
    errors: field by field, with `row`, `field`, `message`, `value` and `allowed`.
    response: the whole answer.
    """

    def __init__(self, response: httpx.Response) -> None:
        facts = _facts(response)
        self.response = response
        self.status = response.status_code
        self.title = str(facts.get("title") or response.reason_phrase)
        self.detail = str(facts.get("detail") or response.text[:MOST_TOLD])
        self.type = str(facts.get("type") or "about:blank")
        self.errors: list[dict[str, Any]] = list(facts.get("errors") or [])
        super().__init__(f"{self.status} {self.title}: {self.detail}")


def _facts(response: httpx.Response) -> dict[str, Any]:
    try:
        facts = response.json()
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}

"""The registry as MLflow's REST interface gives it, without MLflow's own client.

A few calls are all that is needed; importing mlflow would cost 195 MB for them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx

from registry_watcher.measuring import MlflowView
from registry_watcher.registry import Alias, Champion
from relevo_contracts import OutageError
from relevo_contracts.registry_notes import HELD, MOVED, Held, Moved
from relevo_contracts.registry_tags import BUNDLE_PATH, Tag

API = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
PROXIED = "mlflow-artifacts:/"
WEBHOOK_NAME = "relevo-registry-watcher"
WEBHOOK_EVENTS = [
    {"entity": "MODEL_VERSION_ALIAS", "action": "CREATED"},
    {"entity": "MODEL_VERSION_ALIAS", "action": "DELETED"},
]
REASON_LENGTH = 500


class MlflowRegistry:
    """Registry over an HTTP client whose base URL is the MLflow server."""

    def __init__(self, client: httpx.AsyncClient, *, alias: str) -> None:
        self._client = client
        self._alias = alias
        self._view = MlflowView()

    async def aliases(self) -> list[Alias]:
        models = await self._listed("registered-models/search", "registered_models")
        return [alias for model in models for alias in self._aliases_of(model)]

    def _aliases_of(self, model: dict[str, Any]) -> list[Alias]:
        name, notes = model["name"], _tags(model)
        return [
            Alias(
                model=name,
                model_version=each["version"],
                alias=self._alias,
                moved=Moved.read(notes.get(MOVED), version=each["version"]),
                held=Held.read(notes.get(HELD)),
            )
            for each in model.get("aliases", [])
            if each["alias"] == self._alias
        ]

    async def champion(self, alias: Alias) -> Champion:
        version = {"name": alias.model, "version": alias.model_version}
        answer = await self._json("GET", f"{API}/model-versions/get", params=version)
        facts = answer["model_version"]
        tags = _tags(facts)
        return Champion(
            **dict(alias),
            run_id=facts.get("run_id", ""),
            bundle_sha256=tags.get(Tag.BUNDLE_SHA256),
            bundle_path=tags.get(Tag.BUNDLE_PATH),
            traceparent=tags.get(Tag.TRACEPARENT) or None,
        )

    async def bundle(self, champion: Champion) -> bytes:
        path = champion.bundle_path or BUNDLE_PATH
        if not path.startswith(PROXIED):
            answer = await self._json(
                "GET",
                f"{API}/model-versions/get-download-uri",
                params={"name": champion.model, "version": champion.model_version},
            )
            path = f"{answer['artifact_uri'].rstrip('/')}/{path}"
        if not path.startswith(PROXIED):
            raise FileNotFoundError(f"{path} is not among the artifacts that MLflow serves")
        path = path.removeprefix(PROXIED).strip("/")
        # MLflow answers 500 for an artifact that is not there, as for a store that is away.
        folder, _, name = path.rpartition("/")
        listed = await self._json("GET", ARTIFACTS, params={"path": folder})
        if name not in {
            file["path"].rpartition("/")[2] for file in listed.get("files", [])
        }:
            raise FileNotFoundError(f"MLflow has no artifact {path}")
        return (await self._call("GET", f"{ARTIFACTS}/{quote(path)}")).content

    async def refuse(self, champion: Champion, reason: str) -> None:
        await self._tag(champion, Tag.REFUSED, reason)

    async def hold_back(self, champion: Champion, reason: str) -> None:
        await self._tag(champion, Tag.HELD_BACK, reason)

    async def _tag(self, champion: Champion, tag: Tag, reason: str) -> None:
        facts = {
            "name": champion.model,
            "version": champion.model_version,
            "key": tag,
            "value": reason[:REASON_LENGTH],
        }
        await self._call("POST", f"{API}/model-versions/set-tag", json=facts)

    async def call_back(self, url: str, secret: str) -> str | None:
        wanted = {
            "name": WEBHOOK_NAME,
            "url": url,
            "events": WEBHOOK_EVENTS,
            "secret": secret,
            "status": "ACTIVE",
        }
        # Names of webhooks are not unique in MLflow: creating without looking doubles them.
        known = await self._listed("webhooks", "webhooks")
        ours = [hook for hook in known if hook["name"] == WEBHOOK_NAME]
        for hook in ours[1:]:
            await self._call("DELETE", f"{API}/webhooks/{hook['webhook_id']}")
        if not ours:
            await self._call("POST", f"{API}/webhooks", json=wanted)
            return "it was not registered"
        # MLflow never shows the secret: so it is set each time
        path = f"{API}/webhooks/{ours[0]['webhook_id']}"
        await self._call("PATCH", path, json=wanted)
        return _difference(ours[0], wanted)

    async def _listed(self, path: str, what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        query = {"max_results": "1000"}
        while True:
            page = await self._json("GET", f"{API}/{path}", params=query)
            found += page.get(what, [])
            if not page.get("next_page_token"):
                return found
            query["page_token"] = page["next_page_token"]

    async def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer: dict[str, Any] = (await self._call(method, path, **options)).json()
        return answer

    async def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = await self._client.request(method, path, **options)
        except httpx.TransportError as error:
            self._view.away()
            raise OutageError(f"MLflow does not answer: {error!r}") from error
        if response.is_server_error:
            self._view.away()
        else:
            self._view.answered()
        if response.status_code == httpx.codes.NOT_FOUND:
            raise FileNotFoundError(f"MLflow has nothing at {path}")
        if response.is_error:
            said = response.text[:REASON_LENGTH]
            raise OutageError(f"MLflow answers {response.status_code} at {path}: {said}")
        return response


def _difference(hook: dict[str, Any], wanted: dict[str, Any]) -> str | None:
    """What the webhook was, where that is not as wanted."""
    if hook.get("url") != wanted["url"]:
        return f"it called {hook.get('url')}"
    if hook.get("status") != wanted["status"]:
        return f"it was {hook.get('status')}"
    events = [{name: event[name] for name in event} for event in hook.get("events", [])]
    missing = [event for event in wanted["events"] if event not in events]
    return f"it did not call for {missing}" if missing else None


def _tags(facts: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in facts.get("tags", [])}


@asynccontextmanager
async def open_registry(url: str, *, alias: str) -> AsyncIterator[MlflowRegistry]:
    """The registry at MLflow's address; nothing is asked of it yet."""
    async with httpx.AsyncClient(base_url=url, timeout=30.0) as client:
        yield MlflowRegistry(client, alias=alias)

"""The registry as MLflow's REST interface gives it, without MLflow's own client.

Five calls are all that is needed; importing mlflow would cost 195 MB for them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx

from registry_watcher.measuring import MlflowView
from registry_watcher.registry import Champion
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

    async def champions(self) -> list[Champion]:
        found = []
        query = {"max_results": "1000"}
        while True:
            page = await self._json("GET", f"{API}/registered-models/search", params=query)
            for model in page.get("registered_models", []):
                for alias in model.get("aliases", []):
                    if alias["alias"] == self._alias:
                        found.append(await self._champion(model, alias["version"]))
            if not page.get("next_page_token"):
                return found
            query["page_token"] = page["next_page_token"]

    async def _champion(self, model: dict[str, Any], version: str) -> Champion:
        name, notes = model["name"], _tags(model)
        answer = await self._json(
            "GET", f"{API}/model-versions/get", params={"name": name, "version": version}
        )
        facts = answer["model_version"]
        tags = _tags(facts)
        return Champion(
            model=name,
            model_version=version,
            alias=self._alias,
            run_id=facts.get("run_id", ""),
            bundle_sha256=tags.get(Tag.BUNDLE_SHA256),
            bundle_path=tags.get(Tag.BUNDLE_PATH),
            traceparent=tags.get(Tag.TRACEPARENT) or None,
            moved=Moved.read(notes.get(MOVED), version=version),
            held=Held.read(notes.get(HELD)),
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
        tag = {
            "name": champion.model,
            "version": champion.model_version,
            "key": Tag.REFUSED,
            "value": reason[:REASON_LENGTH],
        }
        await self._call("POST", f"{API}/model-versions/set-tag", json=tag)

    async def call_back(self, url: str, secret: str) -> None:
        wanted = {
            "name": WEBHOOK_NAME,
            "url": url,
            "events": WEBHOOK_EVENTS,
            "secret": secret,
        }
        # Names of webhooks are not unique in MLflow: creating without looking doubles them.
        known = (await self._json("GET", f"{API}/webhooks")).get("webhooks", [])
        ours = [hook["webhook_id"] for hook in known if hook["name"] == WEBHOOK_NAME]
        for webhook_id in ours[1:]:
            await self._call("DELETE", f"{API}/webhooks/{webhook_id}")
        if ours:
            await self._call("PATCH", f"{API}/webhooks/{ours[0]}", json=wanted)
        else:
            await self._call("POST", f"{API}/webhooks", json=wanted)

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


def _tags(facts: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in facts.get("tags", [])}


@asynccontextmanager
async def open_registry(url: str, *, alias: str) -> AsyncIterator[MlflowRegistry]:
    """The registry at MLflow's address; nothing is asked of it yet."""
    async with httpx.AsyncClient(base_url=url, timeout=30.0) as client:
        yield MlflowRegistry(client, alias=alias)

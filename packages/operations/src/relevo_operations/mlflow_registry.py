"""The registry as MLflow's REST interface gives it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from relevo_contracts import OutageError
from relevo_contracts.registry_notes import HELD, MOVED, Held, Moved
from relevo_contracts.registry_tags import Tag
from relevo_operations.registry import RegisteredModel, Version

API = "/api/2.0/mlflow"
SAID_LENGTH = 500
SECONDS = 15.0


class MlflowRegistry:
    """Registry over an HTTP client whose base URL is the MLflow server."""

    def __init__(self, client: httpx.AsyncClient, *, alias: str) -> None:
        self._client = client
        self._alias = alias

    async def models(self) -> list[RegisteredModel]:
        """All registered models by name."""
        found: list[RegisteredModel] = []
        query = {"max_results": "1000"}
        while True:
            page = await self._get("registered-models/search", query) or {}
            found += map(self._registered, page.get("registered_models", []))
            if not page.get("next_page_token"):
                return sorted(found, key=lambda model: model.name)
            query["page_token"] = page["next_page_token"]

    async def model(self, name: str) -> RegisteredModel | None:
        """The model of that name."""
        answer = await self._get("registered-models/get", {"name": name})
        return self._registered(answer["registered_model"]) if answer else None

    async def version(self, model: str, number: str) -> Version | None:
        """A version of the model."""
        query = {"name": model, "version": number}
        answer = await self._get("model-versions/get", query)
        if answer is None:
            return None
        tags = _tags(answer["model_version"])
        return Version(
            number=number,
            bundle_sha256=tags.get(Tag.BUNDLE_SHA256),
            refused=tags.get(Tag.REFUSED),
            held_back=tags.get(Tag.HELD_BACK),
        )

    async def move(self, model: str, moved: Moved) -> None:
        """Note who moves the alias and why, then move it to `moved.version`."""
        await self._note(model, MOVED, moved.model_dump_json())
        facts = {"name": model, "alias": self._alias, "version": moved.version}
        await self._call("POST", "registered-models/alias", json=facts)

    async def hold(self, model: str, held: Held | None) -> None:
        """Note that a person holds the model; None: nobody does."""
        if held:
            await self._note(model, HELD, held.model_dump_json())
        else:
            tag = {"name": model, "key": HELD}
            await self._call("DELETE", "registered-models/delete-tag", json=tag)

    async def _note(self, model: str, tag: str, value: str) -> None:
        facts = {"name": model, "key": tag, "value": value}
        await self._call("POST", "registered-models/set-tag", json=facts)

    def _registered(self, facts: dict[str, Any]) -> RegisteredModel:
        aliases = {each["alias"]: each["version"] for each in facts.get("aliases", [])}
        return RegisteredModel(
            name=facts["name"],
            champion=aliases.get(self._alias),
            held=Held.read(_tags(facts).get(HELD)),
        )

    async def _get(self, path: str, query: dict[str, str]) -> dict[str, Any] | None:
        response = await self._call("GET", path, params=query)
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        answer: dict[str, Any] = response.json()
        return answer

    async def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = await self._client.request(method, f"{API}/{path}", **options)
        except httpx.TransportError as error:
            where = self._client.base_url
            raise OutageError(f"no MLflow answers at {where}: {error!r}") from error
        is_absent = response.status_code == httpx.codes.NOT_FOUND
        if response.is_error and not (is_absent and method in {"GET", "DELETE"}):
            said = response.text[:SAID_LENGTH]
            raise OutageError(f"MLflow answers {response.status_code} at {path}: {said}")
        return response


def _tags(facts: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in facts.get("tags", [])}


@asynccontextmanager
async def open_registry(
    url: str, *, alias: str = "champion"
) -> AsyncIterator[MlflowRegistry]:
    """The registry at MLflow's address; nothing is asked of it yet."""
    async with httpx.AsyncClient(base_url=url, timeout=SECONDS) as client:
        yield MlflowRegistry(client, alias=alias)

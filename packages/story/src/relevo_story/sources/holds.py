"""Which models a person holds, from MLflow."""

import httpx

from relevo_contracts.registry_notes import HELD, Held
from relevo_story.telling.facts import Holds

PATH = "/api/2.0/mlflow/registered-models/search"


async def read_holds(client: httpx.AsyncClient, url: str) -> Holds:
    """The models that are held. Raises httpx.HTTPError while MLflow is away."""
    answer = await client.get(url + PATH, params={"max_results": "1000"})
    answer.raise_for_status()
    found = {}
    for model in answer.json().get("registered_models", []):
        tags = {tag["key"]: tag["value"] for tag in model.get("tags", [])}
        if held := Held.read(tags.get(HELD)):
            found[model["name"]] = held
    return Holds(found)

"""A registered version as MLflow's REST interface gives it: its card, run and tags."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from relevo_contracts import OutageError
from relevo_contracts.registry_tags import Tag

API = "/api/2.0/mlflow"
SECONDS = 5.0


@dataclass(frozen=True)
class Registered:
    """What MLflow knows of a version. experiment: the number of its run's."""

    description: str = ""
    run_id: str | None = None
    experiment: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def bundle_sha256(self) -> str | None:
        """Of the bundle that the trainer logged."""
        return self.tags.get(Tag.BUNDLE_SHA256)

    @property
    def run_path(self) -> str | None:
        """Its run in MLflow's pages, below their address."""
        if not (self.run_id and self.experiment):
            return None
        return f"/#/experiments/{self.experiment}/runs/{self.run_id}"


async def read_version(mlflow: str, model: str, version: str) -> Registered | None:
    """None when there is no such version; raises OutageError while MLflow is away."""
    try:
        async with httpx.AsyncClient(base_url=mlflow, timeout=SECONDS) as client:
            facts = await _ask(
                client, "model-versions/get", {"name": model, "version": version}
            )
            if facts is None:
                return None
            known = facts["model_version"]
            run_id = known.get("run_id") or None
            run = await _ask(client, "runs/get", {"run_id": run_id}) if run_id else None
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise OutageError(f"MLflow does not answer as it should: {error!r}") from error
    return Registered(
        description=known.get("description", ""),
        run_id=run_id,
        experiment=run["run"]["info"]["experiment_id"] if run else None,
        tags={tag["key"]: tag["value"] for tag in known.get("tags", [])},
    )


async def _ask(
    client: httpx.AsyncClient, what: str, params: dict[str, str]
) -> dict[str, Any] | None:
    answer = await client.get(f"{API}/{what}", params=params)
    if answer.status_code in {httpx.codes.NOT_FOUND, httpx.codes.BAD_REQUEST}:
        return None
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found

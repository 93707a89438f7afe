"""All that a platform holds of one dataset, as whoever looks from outside can see it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from relevo_contracts import Topic
from relevo_contracts.lanes import lanes
from relevo_contracts.results import Promotion, Stage, StageResult
from relevo_local.platform import Addresses, S3Address
from relevo_local.servers.seaweedfs import client_of
from relevo_runtime.testing import open_probe
from relevo_storage import PostgresCatalog, open_catalog

PREFIXES = ("raw", "clean", "quarantine", "reports", "bundles")


@dataclass(frozen=True)
class Record:
    """One record of a topic."""

    topic: Topic
    headers: Mapping[str, str]
    body: Any

    @property
    def id(self) -> str:
        return self.headers["ce_id"]


@dataclass(frozen=True)
class Progress:
    """How far a dataset's batches are.

    lag: by group, of what it has still to read. served: by pod, the version that answers.
    """

    results: Mapping[Stage, list[StageResult]]
    unannounced: int
    promotions: list[Promotion]
    alias: str | None
    served: Mapping[str, str | None]
    lag: Mapping[str, int]


@dataclass(frozen=True)
class Seen:
    """What is left of the work. objects: by prefix, the keys."""

    progress: Progress
    records: Mapping[Topic, list[Record]]
    objects: Mapping[str, set[str]]
    versions: list[ModelVersion]
    runs: list[Run]


async def progress_of(
    at: Addresses, dataset: str, headers: Mapping[str, str] = {}
) -> Progress:
    """How far it is; what is away raises. headers: with which pods are asked."""
    async with open_catalog(at.catalog) as catalog:
        return Progress(
            results={stage: await catalog.results(dataset, stage) for stage in Stage},
            unannounced=await _unannounced(catalog, dataset),
            promotions=await catalog.promotions(dataset),
            alias=_alias(at.mlflow, dataset),
            served={pod: _served(pod, dataset, headers) for pod in at.inference},
            lag=await lag_of(at.kafka, dataset),
        )


async def seen_of(at: Addresses, dataset: str, headers: Mapping[str, str] = {}) -> Seen:
    """Everything; what is away raises. headers: as above."""
    records = await records_of(at.kafka, dataset)
    client = MlflowClient(at.mlflow)
    return Seen(
        progress=await progress_of(at, dataset, headers),
        records={topic: [r for r in records if r.topic is topic] for topic in Topic},
        objects={prefix: keys_of(at.s3, f"{prefix}/{dataset}/") for prefix in PREFIXES},
        versions=_versions(client, dataset),
        runs=_runs(client, dataset),
    )


async def records_of(bootstrap_servers: str, dataset: str) -> list[Record]:
    """Every record about the dataset, and about no dataset at all, of every topic."""
    async with open_probe(bootstrap_servers) as probe:
        topics = await asyncio.gather(*map(probe.records, Topic))
    found = [record_of(each) for topic in topics for each in topic]
    return [record for record in found if _about(record) in {dataset, None}]


def record_of(record: Any) -> Record:
    """A record as tests look at it; a body that is no JSON stays bytes."""
    body: Any = record.value
    with suppress(ValueError, TypeError):
        body = json.loads(record.value)
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    return Record(Topic(record.topic), headers, body)


async def lag_of(bootstrap_servers: str, dataset: str) -> dict[str, int]:
    """How many records each group has still to read that is about the dataset."""
    work = {"cleaner": Topic.BATCH_RAW, "trainer": Topic.BATCH_CLEAN}
    groups = {
        group: topic
        for service, topic in work.items()
        for group in lanes(service, [dataset])
    }
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers)
    try:
        await admin.start()
        await consumer.start()
        lag = {}
        for group, topic in groups.items():
            parts = [TopicPartition(topic.value, n) for n in range(topic.partitions)]
            ends = await consumer.end_offsets(parts)
            at = await admin.list_consumer_group_offsets(group)
            done = {part: at[part].offset if part in at else 0 for part in parts}
            lag[group] = sum(end - max(done[part], 0) for part, end in ends.items())
        return lag
    finally:
        await consumer.stop()
        await admin.close()


def keys_of(s3: S3Address, prefix: str) -> set[str]:
    """The keys under a prefix of our bucket."""
    found = client_of(s3).list_objects(s3.bucket, prefix=prefix, recursive=True)
    return {str(each.object_name) for each in found}


async def _unannounced(catalog: PostgresCatalog, dataset: str) -> int:
    stages = (Stage.RAW, Stage.CLEAN)
    return sum([len(await catalog.unannounced(dataset, stage)) for stage in stages])


def _about(record: Record) -> str | None:
    """The dataset of a record, where it says one."""
    body = record.body if isinstance(record.body, dict) else {}
    about = body.get("dataset") or body.get("model") or body.get("source")
    return str(about) if about else None


def _alias(uri: str, model: str) -> str | None:
    try:
        found = MlflowClient(uri).get_model_version_by_alias(model, "champion")
    except MlflowException as error:
        if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            return None
        raise
    return str(found.version)


def _served(pod: str, model: str, headers: Mapping[str, str]) -> str | None:
    """The version by which the pod answers; "away" when it does not."""
    try:
        models: Sequence[Any] = httpx.get(
            f"{pod}/models", headers=headers, timeout=5
        ).json()["models"]
    except httpx.HTTPError:
        return "away"
    return next((m["model_version"] for m in models if m["model_name"] == model), None)


def _versions(client: MlflowClient, model: str) -> list[ModelVersion]:
    return list(client.search_model_versions(f"name = '{model}'", max_results=1000))


def _runs(client: MlflowClient, model: str) -> list[Run]:
    experiment = client.get_experiment_by_name(model)
    if experiment is None:
        return []
    return list(client.search_runs([experiment.experiment_id], max_results=5000))

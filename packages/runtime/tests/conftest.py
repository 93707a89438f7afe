"""The broker of these tests with its topics, a group of its own for each test."""

import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
import structlog

from relevo_contracts import BatchRaw, ModelPromoted, ObjectRef
from relevo_runtime.kafka.topics import create_topics
from relevo_runtime.settings import ServiceSettings
from relevo_runtime.testing import Probe, open_probe

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OBJECT = ObjectRef(key="raw/test/a.parquet", sha256="a" * 64, size=1)


@pytest.fixture(autouse=True)
def _logging() -> None:
    """Our log lines go where pytest shows those of a test that fails."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.render_to_log_kwargs,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


@pytest.fixture
def batch() -> Callable[[], BatchRaw]:
    """Makes batches, each with a batch_id of its own."""

    def make() -> BatchRaw:
        return BatchRaw(
            batch_id=f"test-{uuid.uuid4().hex}",
            dataset="test",
            number=1,
            table=OBJECT,
            rows=10,
            source_url="http://127.0.0.1/batches/1",
            source_sha256="b" * 64,
            released_at=NOW,
            ingested_at=NOW,
        )

    return make


@pytest.fixture
def promotion() -> Callable[[str], ModelPromoted]:
    """Makes promotions of a model that only this test has, by version."""
    model = f"test-{uuid.uuid4().hex}"

    def make(version: str) -> ModelPromoted:
        return ModelPromoted(
            model=model,
            model_version=version,
            dataset="test",
            bundle=OBJECT,
            signature_sha256="c" * 64,
            run_id="run",
            batches=("test-0001",),
            promoted_at=NOW,
        )

    return make


@pytest.fixture
def group() -> str:
    """The name of a service that only this test has."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def settings(kafka: str) -> ServiceSettings:
    """Settings for the real broker, with short times."""
    return ServiceSettings(
        kafka_bootstrap_servers=kafka,
        kafka_session_timeout_seconds=3,
        kafka_publish_timeout_seconds=3,
        delivery_first_delay_seconds=0.05,
        delivery_longest_delay_seconds=0.5,
        drain_seconds=5,
    )


@pytest.fixture
async def probe(kafka: str) -> AsyncIterator[Probe]:
    """A look at the real broker from outside; its topics exist."""
    await create_topics(kafka)
    async with open_probe(kafka) as opened:
        yield opened

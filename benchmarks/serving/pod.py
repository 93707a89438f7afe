"""A pod without a broker: the model of a bundle's file answers at once.

`python -m benchmarks.serving.pod BUNDLE PORT`
"""

import hashlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from inference.app import build_app
from inference.door.fast_path import fast_protocol
from inference.duty.loading import load
from inference.duty.slot import Promotion
from inference.duty.slots import Slots
from inference.duty.sources import Sources
from inference.settings import Settings
from relevo_bundles import Bundle
from relevo_contracts import Envelope, ModelPromoted, ObjectRef
from relevo_runtime.http.operation import serve
from relevo_runtime.http.readiness import Readiness


def promotion_of(content: bytes) -> ModelPromoted:
    """The promotion that would bring this bundle."""
    manifest = Bundle.read(content).manifest
    sha256 = hashlib.sha256(content).hexdigest()
    return ModelPromoted(
        model=manifest.model,
        model_version="1",
        dataset=manifest.dataset,
        bundle=ObjectRef(key="bundles/benchmark.zip", sha256=sha256, size=len(content)),
        signature_sha256=manifest.signature_sha256,
        run_id=manifest.lineage.run_id,
        batches=manifest.lineage.batches,
        released_at=manifest.lineage.trained_at,
        promoted_at=manifest.lineage.trained_at,
    )


def main(bundle: Path, port: int) -> None:
    """Serve until SIGTERM."""
    content = bundle.read_bytes()
    event = promotion_of(content)
    slots = Slots([event.model], pod="benchmark")
    envelope = Envelope.of(event, source="benchmark", cause="benchmark")
    promotion = Promotion(event, envelope, 0.0)
    slots.default.accept(promotion)
    slots.default.serve(load(content, event), promotion, now=0.0)
    settings = Settings(
        s3_access_key="none",
        s3_secret_key="none",  # noqa: S106 (there is no store)
        http_host="127.0.0.1",
        http_port=port,
    )

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        yield

    async def reread() -> None:
        """There is no broker to read from."""

    app = build_app(settings, slots, Readiness(), Sources(), running, reread)
    protocol = fast_protocol(slots, max_bytes=2**20)
    serve(app, settings, drain_seconds=settings.drain_seconds, protocol=protocol)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

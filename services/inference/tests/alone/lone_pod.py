"""A pod without a broker, as a process: `python lone_pod.py EVENT BUNDLE PORT`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from inference.app import build_app, protocol
from inference.duty.loading import load
from inference.duty.slot import Promotion
from inference.duty.slots import Slots
from inference.duty.sources import Sources
from inference.settings import Settings
from relevo_contracts import Envelope, ModelPromoted
from relevo_runtime.http.operation import serve
from relevo_runtime.http.readiness import Readiness


def main(event: ModelPromoted, content: bytes, port: int) -> None:
    """Serve until SIGTERM, as in a container of 512 MB; a reload takes a second."""
    settings = Settings(
        s3_access_key="none",
        s3_secret_key="none",
        http_port=port,
        inference_pod="lone",
        inference_max_bytes_in_flight=128 * 2**20,
    )
    slots = Slots([event.model], pod=settings.inference_pod)
    envelope = Envelope.of(event, source="test", cause="test")
    promotion = Promotion(event, envelope, 0.0)
    slots.default.accept(promotion)
    slots.default.serve(load(content, event), promotion, now=0.0)

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        yield

    async def reread() -> None:
        await asyncio.sleep(1)

    app = build_app(settings, slots, Readiness(), Sources(), running, reread)
    serve(app, settings, drain_seconds=1, protocol=protocol(app, settings))


if __name__ == "__main__":
    told = ModelPromoted.model_validate_json(Path(sys.argv[1]).read_bytes())
    main(told, Path(sys.argv[2]).read_bytes(), int(sys.argv[3]))

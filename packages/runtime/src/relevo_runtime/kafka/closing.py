"""Closing a consumer of aiokafka, whose own stop can fail while the broker is away."""

import asyncio

from aiokafka import AIOKafkaConsumer


async def close(consumer: AIOKafkaConsumer) -> None:
    """Stop the consumer and close its connections, also after a stop that failed.

    Without a broker, its `stop` raises the CancelledError of one of its own tasks
    (https://github.com/aio-libs/aiokafka/issues/647), which would look as if ours were
    cancelled, and leaves the client open.
    """
    stopping = asyncio.create_task(consumer.stop())
    await asyncio.wait([stopping])
    if not stopping.cancelled():
        stopping.result()
    await consumer._client.close()

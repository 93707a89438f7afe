"""Pods are replaced one after the other under load, and no request fails."""

import asyncio
import signal
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from relevo_local.places.ports import free_port
from relevo_runtime.testing import eventually

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]

World = Any


class Balancer:
    """Sends each request to a pod that says it is ready, as a Kubernetes service does.

    It tries another pod when a connection is refused, and for no other reason.
    """

    def __init__(self, ports: list[int]) -> None:
        self.ready = dict.fromkeys(ports, False)
        self.answered = 0

    async def watch(self) -> None:
        async with httpx.AsyncClient(timeout=5) as client:
            while True:
                for port in self.ready:
                    try:
                        answer = await client.get(f"http://127.0.0.1:{port}/ready")
                    except httpx.TransportError:
                        self.ready[port] = False
                    else:
                        self.ready[port] = answer.status_code == 200
                await asyncio.sleep(0.1)

    async def call(self, row: dict[str, Any], done: asyncio.Event) -> None:
        turn = 0
        async with httpx.AsyncClient(timeout=20) as client:
            while not done.is_set():
                ports = [port for port, is_ready in self.ready.items() if is_ready]
                assert ports, "a pod is always ready"
                turn += 1
                url = f"http://127.0.0.1:{ports[turn % len(ports)]}/predict"
                try:
                    answer = await client.post(url, json=row)
                except httpx.ConnectError:
                    continue
                assert answer.status_code == 200, answer.text
                self.answered += 1


async def test_no_request_fails_while_two_pods_are_restarted_one_after_the_other(
    world: World, example: dict[str, Any]
) -> None:
    await world.promotes(1)
    ports = [free_port(), free_port()]
    balancer, done = Balancer(ports), asyncio.Event()
    delay = {"STOP_DELAY_SECONDS": "1"}
    async with AsyncExitStack() as pods, asyncio.TaskGroup() as callers:

        async def start(port: int) -> Any:
            pod = await pods.enter_async_context(world.pod(f"pod-{port}", at=port, **delay))
            await eventually(lambda: balancer.ready[port], "it is ready", seconds=60)
            return pod

        watching = callers.create_task(balancer.watch())
        one, two = await start(ports[0]), await start(ports[1])
        calls = [callers.create_task(balancer.call(example, done)) for _ in range(4)]
        for pod, port in ((one, ports[0]), (two, ports[1])):
            before = balancer.answered
            pod.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(20):
                assert await pod.process.wait() in {0, -signal.SIGTERM}
            await start(port)
            assert balancer.answered > before + 100
        done.set()
        await asyncio.gather(*calls)
        watching.cancel()

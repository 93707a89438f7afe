"""A pod's door on a port, for clients that bring their own connections."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from fastapi import FastAPI

from inference.app import protocol
from inference.settings import Settings
from relevo_local.places.ports import free_port
from relevo_runtime.testing import eventually


@pytest.fixture
async def address(app: FastAPI, settings: Settings) -> AsyncIterator[str]:
    """host:port of a server with all that stands before the application."""
    number = free_port()
    config = uvicorn.Config(
        app,
        port=number,
        http=protocol(app, settings),  # type: ignore[arg-type] # whatever makes one
        log_config=None,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, "the server listens")
    yield f"127.0.0.1:{number}"
    server.should_exit = True
    await serving

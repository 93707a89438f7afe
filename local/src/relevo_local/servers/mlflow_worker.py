"""MLflow's application with its stores ready: `uvicorn --factory …mlflow_worker:build`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

ALIVE = "/alive"
"""Answered by the loop. MLflow's own /health waits for a thread, and all of them may wait
for a database that is away."""


def build() -> "ASGIApp":
    """The application of `mlflow server`, for one worker, before it takes requests.

    What the command does in its parent process is done here: making the stores (and
    their tables) by one thread. Left to the first requests, two of them do it at once
    and wait for each other's locks for ever.
    """
    from mlflow.server.fastapi_app import app
    from mlflow.server.handlers import initialize_backend_stores

    initialize_backend_stores()
    return alive(app)


def alive(app: "ASGIApp") -> "ASGIApp":
    """The application, with one more page."""

    async def application(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http" or scope["path"] != ALIVE:
            return await app(scope, receive, send)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"alive"})

    return application

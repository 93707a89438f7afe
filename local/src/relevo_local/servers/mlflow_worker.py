"""MLflow's application with its stores ready: `uvicorn --factory …mlflow_worker:build`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def build() -> "ASGIApp":
    """The application of `mlflow server`, for one worker, before it takes requests.

    What the command does in its parent process is done here: making the stores (and
    their tables) by one thread. Left to the first requests, two of them do it at once
    and wait for each other's locks for ever.
    """
    from mlflow.server.fastapi_app import app
    from mlflow.server.handlers import initialize_backend_stores

    initialize_backend_stores()
    application: ASGIApp = app
    return application

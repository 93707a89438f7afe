"""The inside of the training process: it works, tells, and dies with the service.

Heavy libraries are imported in here only, so that the service itself stays small.
"""

import logging
import multiprocessing
import os
import resource
import signal
import sys
import threading
import traceback
from multiprocessing.connection import Connection

from relevo_contracts import OutageError, PoisonError
from relevo_contracts.errors import is_disk_full
from trainer.jobs.messages import Failure, Message
from trainer.learning.assignment import Assignment
from trainer.learning.stages import Progress
from trainer.recording.registered import Registry

PRELOADED = (
    "trainer.jobs.job",
    "trainer.recording.mlflow_tracking",
    "mlflow.pyfunc",
    "skops.io",
    "PIL.PngImagePlugin",
)
"""What takes seconds to import."""

REQUEST_SECONDS = 20
REQUEST_RETRIES = 0
"""None: a version that was made although the answer got lost would be made twice."""


def work(connection: Connection, assignment: Assignment, registry: Registry) -> None:
    """Do the job; send Progress, and at the end a Registered or a Failure."""
    # Only the service ends this process: it knows whether the job shall go on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    connection.send(_outcome(connection, assignment, registry))
    connection.close()


def _outcome(connection: Connection, assignment: Assignment, registry: Registry) -> Message:
    from trainer.jobs.job import do
    from trainer.recording.mlflow_tracking import MlflowTracking

    _calm_mlflow()
    try:
        result = do(assignment, MlflowTracking(registry), connection.send)
    except PoisonError as error:
        return Failure("poison", str(error))
    except OutageError as error:
        return Failure("outage", str(error))
    except Exception as error:
        if is_disk_full(error):
            return Failure("outage", str(error))
        return Failure("bug", traceback.format_exc())
    connection.send(Progress("done", found={"peak_bytes": _peak_bytes()}))
    return result


def _die_with_parent() -> None:
    """Wait for the service's end, however it came, kill -9 among the ways."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _calm_mlflow() -> None:
    """No remarks, no progress bars, no telemetry, and an outage is noticed at once."""
    from mlflow import environment_variables as settings

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    for setting, value in (
        (settings.MLFLOW_HTTP_REQUEST_MAX_RETRIES, REQUEST_RETRIES),
        (settings.MLFLOW_HTTP_REQUEST_TIMEOUT, REQUEST_SECONDS),
        (settings.MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR, False),
        (settings.MLFLOW_DISABLE_TELEMETRY, True),
        (settings.MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT, True),
    ):
        setting.set(str(value))  # type: ignore[no-untyped-call]


def _peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024

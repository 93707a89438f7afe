"""MLflow's errors in our words: what is an outage, and what is a mistake of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from mlflow.exceptions import MlflowException

from relevo_contracts import OutageError

PASSING = frozenset({401, 403, 408, 429})
"""Answers below 500 that a person or time sets right without a new program."""
NO_TABLES = "UndefinedTable"
"""A 400 says so when MLflow's database was lost: it makes the tables when it starts."""


@contextmanager
def reaching_mlflow() -> Iterator[None]:
    """A block that does nothing but ask MLflow.

    Raises OutageError when it is away or cannot reach its own database or store; anything
    else stays what it is.
    """
    try:
        yield
    except MlflowException as error:
        status = int(error.get_http_status_code())  # type: ignore[no-untyped-call]
        if status >= 500 or status in PASSING or NO_TABLES in str(error):
            raise OutageError(f"MLflow does not work: {error}") from error
        raise
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else 500
        if status >= 500 or status in PASSING:
            raise OutageError(f"MLflow does not work: {error}") from error
        raise
    except requests.RequestException as error:
        raise OutageError(f"MLflow does not answer: {error}") from error

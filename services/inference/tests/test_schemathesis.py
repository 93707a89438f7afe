"""The door against its own document: what may and what may not be sent, by schemathesis."""

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

pytestmark = pytest.mark.slow

ASKED = [
    "/models/{name}",
    "/health",
    "/ready",
    "/model-info",
    "/models",
    "/metrics",
    "/ping",
]
SENT = ["/predict", "/models/{name}/predict", "/predict_batch", "/reload_model"]
V2 = "/v2/models/{name}"
V2_ASKED = ["/v2", "/v2/health/live", "/v2/health/ready", V2, f"{V2}/ready"]
V2_VERSIONS = [f"{V2}/versions/{{number}}", f"{V2}/versions/{{number}}/ready"]
PEERS_ASKED = [*V2_ASKED, *V2_VERSIONS, "/v1/models", "/v1/models/{name}"]
PEERS_SENT = [
    *(f"{V2}/infer", f"{V2}/versions/{{number}}/infer"),
    *("/v1/models/{name}:predict", "/invocations"),
]
VAGUE = ["/predict_batch", *PEERS_SENT]
VALID, INVALID = GenerationMode.POSITIVE, GenerationMode.NEGATIVE

always_the_same = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        *(("GET", path, VALID) for path in (*ASKED, *PEERS_ASKED)),
        *(
            ("POST", path, mode)
            for path in (*SENT, *PEERS_SENT)
            for mode in (VALID, INVALID)
        ),
    ],
)
def test_whatever_is_sent_the_answer_is_as_documented(
    app: FastAPI, serve: Any, method: str, path: str, mode: GenerationMode
) -> None:
    serve()
    document = schemathesis.openapi.from_asgi("/openapi.json", app)
    operation = document[path][method]
    # no schema says what is a CSV of these columns, or that columns are of one length
    vague: list[CheckFunction] = [positive_data_acceptance, negative_data_rejection]

    @always_the_same
    @given(operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case[Any]) -> None:
        excluded = vague if path in VAGUE else []
        case.call_and_validate(excluded_checks=excluded)

    check()

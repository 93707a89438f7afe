"""Readers of small features, as a test needs them."""

from collections.abc import Callable
from typing import Any

import pytest

from relevo_contracts import Feature
from relevo_features import Reader


@pytest.fixture
def reader() -> Callable[..., Reader]:
    """(kind, what else the feature says) -> its reader."""

    def build(kind: str, **said: Any) -> Reader:
        facts = {"name": "x", "raw_name": "X", "description": "", "kind": kind}
        return Reader(Feature.model_validate(facts | said))

    return build

"""Models that are learned once for all tests of this folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.meaning.learned import Learned, learned


@pytest.fixture(scope="session")
def model_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Learned]:
    """The model of a shipped dataset."""
    folder: Path = tmp_path_factory.mktemp("registered")
    return lambda name: learned(name, folder)

"""The catalog in memory and on a real PostgreSQL, and names that no other test has."""

import uuid
from collections.abc import AsyncIterator

import pytest

from relevo_storage import CatalogSettings, PostgresCatalog, migrate, open_catalog
from relevo_storage.fakes import MemoryCatalog


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.servers)])
async def catalog(
    request: pytest.FixtureRequest,
) -> AsyncIterator[MemoryCatalog | PostgresCatalog]:
    """The fake, then the real one: each port's suite runs against both."""
    if request.param == "memory":
        yield MemoryCatalog()
        return
    url: str = request.getfixturevalue("postgres")
    await migrate(url)
    async with open_catalog(CatalogSettings(catalog_url=url)) as real:
        yield real


@pytest.fixture
def dataset() -> str:
    return f"dataset-{uuid.uuid4().hex}"


@pytest.fixture
def model() -> str:
    return f"model-{uuid.uuid4().hex}"

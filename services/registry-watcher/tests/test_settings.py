"""Which settings the registry-watcher refuses."""

import pytest
from pydantic import ValidationError

from registry_watcher.settings import Settings


def test_a_webhook_secret_that_anybody_would_guess_is_refused_in_production_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("S3_ACCESS_KEY", "key")
    monkeypatch.setenv("S3_SECRET_KEY", "a secret of this test")
    monkeypatch.setenv("CATALOG_URL", "postgresql://127.0.0.1/catalog")
    monkeypatch.setenv("REGISTRY_WATCHER_WEBHOOK_SECRET", "local-only")
    Settings()

    monkeypatch.setenv("RELEVO_ENVIRONMENT", "production")
    with pytest.raises(ValidationError, match="WEBHOOK_SECRET is a well-known word"):
        Settings()

"""What the environment says."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from relevo_datasets import DeclarationError
from trainer.app import build
from trainer.settings import Settings


@pytest.fixture(autouse=True)
def _required(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("S3_ACCESS_KEY", "S3_SECRET_KEY", "CATALOG_URL"):
        monkeypatch.setenv(name, "x")


def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINER_THREADS", "0")

    with pytest.raises(ValidationError, match="trainer_threads"):
        Settings()


def test_a_dataset_that_cannot_be_learned_from_is_told_at_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    declared = (Path(__file__).parent / "declared" / "homes.toml").read_text()
    wrong = declared.replace('"homes"', '"huts"')
    (tmp_path / "huts.toml").write_text(f"{wrong}num_leafs = 3\n")
    monkeypatch.setenv("RELEVO_DATASETS", str(tmp_path))
    monkeypatch.setenv("RELEVO_DATASET", "diabetes130,huts")

    with pytest.raises(DeclarationError) as error:
        build(Settings())

    assert "candidates.hist_gradient_boosting.num_leafs: cannot be set" in str(error.value)

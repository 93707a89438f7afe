"""What is no backup, or not one of this relevo's, and what is no state folder: refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from relevo_local.keeping import objects
from relevo_local.keeping.backup import backup
from relevo_local.keeping.errors import KeepingError
from relevo_local.keeping.manifest import FILE, of_today
from relevo_local.keeping.restore import restore
from relevo_local.reports import silent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty backup of this relevo's."""
    manifest = of_today(datetime.now(UTC), objects=0, size=0)
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / FILE).write_text(manifest.model_dump_json())
    return tmp_path / "backup"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"catalog": 10_000}, "which is newer"),
        ({"format": 99}, "which is newer"),
        ({"mlflow": "2.0.0"}, "with MLflow 2.0.0"),
    ],
)
def test_a_backup_of_another_version_is_refused_in_words(
    folder: Path, tmp_path: Path, changed: dict[str, object], words: str
) -> None:
    manifest = of_today(datetime.now(UTC), objects=0, size=0)
    text = manifest.model_copy(update=changed).model_dump_json()
    (folder / FILE).write_text(text)

    with pytest.raises(KeepingError, match=words):
        restore(tmp_path / "state", folder, silent, replace=False)

    assert not (tmp_path / "state").exists()


def test_what_is_no_backup_and_what_is_no_state_folder_is_left_alone(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")

    with pytest.raises(KeepingError, match="is no backup"):
        restore(tmp_path / "state", tmp_path / "home", silent, replace=False)
    with pytest.raises(KeepingError, match="is no state folder"):
        restore(tmp_path / "home", folder, silent, replace=True)
    with pytest.raises(KeepingError, match="no platform has ever run"):
        backup(tmp_path / "home", tmp_path / "new", silent)
    (tmp_path / "ran").mkdir()
    (tmp_path / "ran" / "lock").touch()
    with pytest.raises(KeepingError, match="is there already"):
        backup(tmp_path / "ran", tmp_path / "home", silent)

    assert list((tmp_path / "home").iterdir()) == [tmp_path / "home" / "letter.txt"]


def test_a_name_that_leads_out_of_the_folder_is_no_file(tmp_path: Path) -> None:
    for name in ("../x", "/etc/x", "batches/../../x"):
        with pytest.raises(KeepingError, match="no name for a file"):
            objects.place(tmp_path, name)

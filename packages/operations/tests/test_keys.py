"""Keys are made, listed and taken away in a file that is never half written."""

import stat
from pathlib import Path

import pytest

from relevo_contracts.keys import Key, Scope, digest_of
from relevo_operations.errors import OperationError
from relevo_operations.keys import add_key, read_keys, revoke_key


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def keys_of(file: Path) -> tuple[Key, ...]:
    return read_keys(file).keys


def test_a_new_key_stands_in_the_file_by_its_digest_alone(file: Path) -> None:
    secret = add_key(file, "shop", [Scope.PREDICT, Scope.PREDICT], per_second=5)

    (kept,) = keys_of(file)
    assert kept.sha256 == digest_of(secret.encode()).hex()
    assert (kept.name, kept.scopes, kept.per_second) == ("shop", ("predict",), 5)
    assert secret not in file.read_text()


def test_the_file_is_its_owners_alone_unless_somebody_has_opened_it(file: Path) -> None:
    add_key(file, "shop", [Scope.PREDICT])
    before = stat.S_IMODE(file.stat().st_mode)
    file.chmod(0o644)  # as for a container that runs as another user
    add_key(file, "lab", [Scope.READ])

    assert (before, stat.S_IMODE(file.stat().st_mode)) == (0o600, 0o644)
    assert [each.name for each in file.parent.iterdir()] == ["keys.json"]


def test_a_link_to_the_file_goes_on_being_one(file: Path) -> None:
    link = file.with_name("link.json")
    add_key(file, "shop", [Scope.PREDICT])
    link.symlink_to(file)
    add_key(link, "lab", [Scope.READ])

    assert link.is_symlink()
    assert [key.name for key in keys_of(file)] == ["shop", "lab"]


def test_a_name_has_a_new_key_before_the_old_one_is_taken_away(file: Path) -> None:
    old = add_key(file, "shop", [Scope.PREDICT])
    add_key(file, "shop", [Scope.PREDICT])
    first, second = keys_of(file)

    with pytest.raises(OperationError, match=first.id):
        revoke_key(file, "shop")
    gone = revoke_key(file, first.id)

    assert gone.sha256 == digest_of(old.encode()).hex()
    assert keys_of(file) == (second,)


def test_nothing_is_revoked_that_is_not_there_and_it_is_said_what_is(file: Path) -> None:
    add_key(file, "shop", [Scope.PREDICT])

    with pytest.raises(OperationError, match="it has: shop"):
        revoke_key(file, "lab")


@pytest.mark.parametrize("name", ["", "Ada Lovelace", "../x", "-x", "x" * 64])
def test_a_name_that_metrics_could_not_bear_is_refused_and_nothing_written(
    file: Path, name: str
) -> None:
    with pytest.raises(OperationError, match="name"):
        add_key(file, name, [Scope.READ])
    assert not file.exists()


@pytest.mark.parametrize("content", ["", "[]", '{"keys": 1}', '{"users": []}'])
def test_a_file_of_something_else_is_left_alone(file: Path, content: str) -> None:
    file.write_text(content)

    with pytest.raises(OperationError, match="no file of keys"):
        add_key(file, "shop", [Scope.READ])
    assert file.read_text() == content


def test_a_folder_that_is_not_there_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="cannot be written"):
        add_key(tmp_path / "nowhere" / "keys.json", "shop", [Scope.READ])

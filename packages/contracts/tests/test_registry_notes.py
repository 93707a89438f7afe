"""What is read from the notes on a registered model, whoever wrote them."""

from datetime import UTC, datetime

from relevo_contracts.registry_notes import Held, Moved

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def test_a_move_is_told_of_the_version_that_it_was_about() -> None:
    moved = Moved(version="2", by="rollback", who="ana", why="false alarms", at=NOW)
    tag = moved.model_dump_json()

    assert Moved.read(tag, version="2") == moved
    assert Moved.read(tag, version="3") is None


def test_no_note_and_one_that_nobody_can_read_tell_of_no_move() -> None:
    assert Moved.read(None, version="2") is None
    assert Moved.read("by me", version="2") is None


def test_a_model_is_held_by_the_note_and_by_what_somebody_wrote_by_hand() -> None:
    held = Held(who="ana", why="an audit", at=NOW)

    assert Held.read(held.model_dump_json()) == held
    assert str(held) == "held by ana since 2026-01-02 03:04 UTC: an audit"
    assert str(Held.read("wait please")) == "held by somebody in MLflow: wait please"
    assert Held.read(None) is None
    assert Held.read("") is None

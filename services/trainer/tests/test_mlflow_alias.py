"""What becomes of the alias on a real MLflow: it moves once, and a person's hand counts."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from mlflow import MlflowClient

from relevo_contracts.registry_notes import HELD, MOVED, Moved
from relevo_contracts.registry_tags import Tag
from trainer.jobs.job import do
from trainer.learning.assignment import Assignment
from trainer.learning.candidates import candidates_for
from trainer.recording.mlflow_tracking import MlflowTracking
from trainer.recording.registered import Registered, Registry

pytestmark = [
    pytest.mark.servers,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType"),
]


class Killed(BaseException):
    """As kill -9: nothing that catches errors sees it."""


@pytest.fixture(scope="module")
def client(mlflow_url: str) -> MlflowClient:
    return MlflowClient(mlflow_url, mlflow_url)


@pytest.fixture(scope="module")
def tracking(mlflow_url: str) -> MlflowTracking:
    return MlflowTracking(Registry(mlflow_url, "champion"))


def run(assignment: Assignment, tracking: MlflowTracking) -> Registered:
    """By the quickest candidate alone."""
    registered = do(
        assignment, tracking, lambda _: None, lambda d, t: candidates_for(d, t)[-1:]
    )
    assert isinstance(registered, Registered)
    return registered


def alias(client: MlflowClient, assignment: Assignment) -> str:
    return str(client.get_model_version_by_alias(assignment.dataset, "champion").version)


def test_an_alias_that_a_person_moved_meanwhile_stays_where_it_is(
    assignment: Assignment, tracking: MlflowTracking, client: MlflowClient
) -> None:
    first = run(assignment, tracking)
    other = replace(assignment, code_version="other")
    kept = run(other, tracking)
    assert (kept.is_promoted, kept.relieves) == (False, first.version)
    client.set_registered_model_alias(assignment.dataset, "champion", kept.version)

    tracking.conclude(first)
    tracking.conclude(replace(kept, version=first.version, is_promoted=True))

    assert alias(client, assignment) == kept.version


@pytest.mark.parametrize("by", ["relevo rollback", "MLflow's page", "a kill before"])
def test_a_person_s_rollback_is_not_undone_when_the_verdict_is_followed_again(
    assignment: Assignment, tracking: MlflowTracking, client: MlflowClient, by: str
) -> None:
    first, model = run(assignment, tracking), assignment.model
    other = replace(assignment, code_version="other")
    kept = run(other, tracking)
    client.set_model_version_tag(model, kept.version, Tag.VERDICT, "promoted")
    better = run(other, tracking)
    assert alias(client, assignment) == better.version != first.version

    if by != "MLflow's page":
        back = Moved(version=first.version, by="rollback", who="ana", at=datetime.now(UTC))
        client.set_registered_model_tag(model, MOVED, back.model_dump_json())
    client.set_registered_model_alias(model, "champion", first.version)
    if by == "a kill before":
        client.delete_model_version_tag(model, better.version, Tag.CONCLUDED)
    again = run(other, tracking)

    assert alias(client, assignment) == first.version
    assert again == better


def test_a_kill_between_the_note_and_the_alias_is_made_good(
    assignment: Assignment,
    tracking: MlflowTracking,
    client: MlflowClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(MlflowClient, "set_registered_model_alias", die)
        with pytest.raises(Killed):
            run(assignment, tracking)
    registered = run(assignment, tracking)

    assert (alias(client, assignment), registered.is_concluded) == ("1", True)


def test_a_model_that_is_held_before_the_alias_moves_is_kept_after_all(
    assignment: Assignment, tracking: MlflowTracking, client: MlflowClient
) -> None:
    first, other = run(assignment, tracking), replace(assignment, code_version="other")
    better = replace(run(other, tracking), is_promoted=True)
    client.set_registered_model_tag(assignment.dataset, HELD, "until the audit")
    kept = tracking.conclude(better)

    assert alias(client, assignment) == first.version
    assert not kept.is_promoted
    assert kept.reason.startswith("held by somebody in MLflow: until the audit; would have")
    assert run(other, tracking) == kept


def test_a_move_leaves_a_note_of_who_and_why(
    assignment: Assignment, tracking: MlflowTracking, client: MlflowClient
) -> None:
    registered = run(assignment, tracking)

    tags = client.get_registered_model(registered.model).tags
    moved = Moved.read(tags[MOVED], version=registered.version)
    assert moved
    assert (moved.by, moved.who, moved.why) == ("trainer", None, registered.reason)

"""What people did and who was promoted, in one list that a person can read."""

from datetime import UTC, datetime, timedelta

import pytest

from relevo.view.consoles import wide_console
from relevo.view.history import as_table
from relevo.view.letters import in_lines, readable
from relevo_contracts.actions import Action
from relevo_contracts.results import Promotion
from relevo_operations.history import in_order

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ROLLBACK = Action.model_validate(
    {
        "id": "1",
        "at": NOW,
        "who": "ana",
        "why": "too many false alarms",
        "what": "rollback",
        "subject": "m",
        "outcome": "done",
        "result": "version 2 of m is on duty instead of version 3",
    }
)
PROMOTION = Promotion(
    event_id="e",
    model="m",
    model_version="2",
    previous_version="3",
    bundle_sha256="0" * 64,
    batches=(),
    promoted_at=NOW + timedelta(seconds=1),
    moved_by="rollback",
    who="ana",
    why="too many false alarms",
)


def printed(*told: Action | Promotion) -> list[str]:
    console = wide_console()
    with console.capture() as captured:
        console.print(as_table(told))
    return [" ".join(line.split()) for line in captured.get().splitlines()][1:]


def test_actions_and_promotions_are_one_list_with_who_what_and_why() -> None:
    first, second = printed(*in_order([ROLLBACK], [PROMOTION]))

    assert "ana rollback version 2 of m is on duty instead of version 3" in first
    assert first.endswith("too many false alarms")
    assert "ana promoted version 2 of m relieves version 3" in second


def test_who_moved_an_alias_without_a_name_is_told_as_far_as_it_is_known() -> None:
    moved = [
        PROMOTION.model_copy(update={"moved_by": by, "who": None})
        for by in ("trainer", "person", None)
    ]
    told = printed(*moved)

    assert [line.split(maxsplit=2)[2].split(" promoted")[0] for line in told] == [
        "trainer",
        "by hand in MLflow",
        "unknown",
    ]


def test_an_action_that_did_not_end_well_says_so() -> None:
    failed = {"outcome": "failed", "result": "MLflow is away"}
    lost = {"outcome": "begun", "result": None}
    told = printed(*(ROLLBACK.model_copy(update=facts) for facts in (failed, lost)))

    assert "failed: MLflow is away" in told[0]
    assert "nobody noted what came of it" in told[1]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (None, "  empty"),
        (b'{"a":"\xc3\xa9"}', '  {\n   "a": "é"\n  }'),
        (b"\x1b[2J\xff", "  \\x1b[2J\\xff"),
    ],
)
def test_a_body_is_shown_and_moves_no_cursor(body: bytes | None, text: str) -> None:
    assert in_lines(body) == text


def test_a_header_is_shown_as_text_with_the_rest_escaped() -> None:
    assert readable("é\n\x07".encode() + b"\xff") == "é\\n\\x07\\xff"

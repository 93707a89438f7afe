"""Which processes of this machine do not work is worth a look."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.live.processes import read_processes
from console.live.telling import LiveStory
from console.pages.now import render
from console.pages.shell import Shell
from relevo_local.supervising.processes import ProcessTable, processes_file

NOW = datetime(2026, 11, 21, 12, 10, tzinfo=UTC)


def test_a_process_that_does_not_answer_is_told_as_its_supervisor_wrote_it(
    live: LiveStory, tmp_path: Path
) -> None:
    table = ProcessTable(tmp_path, dict.fromkeys(("kafka", "cleaner", "pod-1")))
    table.is_now("kafka", "silent", NOW)
    table.is_now("cleaner", "ready")

    live.show_processes(read_processes(processes_file(tmp_path)))
    html = render(Shell(), live, NOW)["trouble"]

    assert [process.name for process in live.processes] == ["kafka"]
    assert "kafka is not answering" in html
    assert "nothing" not in html


@pytest.mark.parametrize("text", [None, "", "{}", json.dumps([{"name": 1}])])
def test_a_file_that_is_not_there_or_not_whole_claims_nothing(
    tmp_path: Path, text: str | None
) -> None:
    file = tmp_path / "processes.json"
    if text is not None:
        file.write_text(text)

    assert read_processes(file) == []

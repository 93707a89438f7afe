"""The commands where no platform runs: every error is one line that helps, and a code."""

import json
import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from relevo.app import build_app
from relevo.commands.logs import readable
from relevo_local.places.state import hold
from relevo_local.supervising.logs import log_of


@pytest.fixture(autouse=True)
def _no_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("RELEVO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RELEVO_STATE", str(tmp_path / "state"))


def run(*arguments: str, answers: str = "") -> Result:
    return CliRunner().invoke(build_app(), list(arguments), input=answers)


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        ("status", 3, "start it by `relevo up`"),
        ("events", 3, "start it by `relevo up`"),
        ("dead-letters list", 3, "start it by `relevo up`"),
        ("kafka topics --list", 3, "name a Kafka by --bootstrap-server HOST:PORT"),
        ("logs cleaner", 1, "there are no logs"),
        ("kafka teapot", 2, "no Kafka tool 'teapot'; there are: topics, console-consumer"),
        ("teapot", 2, "No such command 'teapot'"),
        ("events --backwards", 2, "`relevo events --help` explains"),
        ("up --interval soon", 2, "`relevo up --help` explains"),
        ("up --pods 0", 2, "`relevo up --help` explains"),
        ("dead-letters send-again", 2, "name one dead letter by its place, or --all"),
        ("dead-letters done batch.raw.dead 0 x", 2, "is no place of a dead letter"),
        ("rollback m", 2, "why (`relevo rollback --help` explains)"),
        ("rollback --why w", 3, "start it by `relevo up`"),
        ("history", 3, "start it by `relevo up`"),
        ("dead-letters send-again batch.raw 0 0", 2, "there are: batch.raw.dead"),
        ("events --kafka 127.0.0.1:1", 1, "no Kafka answers at 127.0.0.1:1"),
    ],
)
def test_an_error_is_one_line_that_helps_and_an_exit_code(
    arguments: str, code: int, text: str
) -> None:
    result = run(*arguments.split())

    assert result.exit_code == code
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert result.stderr.startswith("relevo: ")
    assert text in result.stderr


def test_a_fault_of_our_own_is_a_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relevo.commands.down.supervisor_pid", lambda _: 1 / 0)

    result = run("down")

    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
    assert "a fault of relevo's own: ZeroDivisionError: division by zero" in result.stderr
    assert "RELEVO_TRACEBACK=1" in result.stderr


def test_without_a_command_relevo_explains_itself() -> None:
    for arguments in ([], ["--help"], ["dead-letters"]):
        result = run(*arguments)

        assert result.exit_code == 0
        assert "Commands:" in result.stdout


def test_status_as_json_says_that_nothing_runs() -> None:
    result = run("status", "--json")

    assert result.exit_code == 3
    told = json.loads(result.stdout)
    assert told["up"] is False
    assert told["batches"] == []


def test_down_says_when_there_is_nothing_to_stop() -> None:
    result = run("down")

    assert result.exit_code == 0
    assert "nothing runs from" in result.stdout


def test_down_ends_the_process_that_holds_the_folder_and_waits_for_it(
    tmp_path: Path,
) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path / "state")],
                              stdout=subprocess.PIPE)  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"

    result = run("down")

    assert result.exit_code == 0, result.stderr
    assert "stopped everything" in result.stdout
    assert holder.wait(5) == -signal.SIGTERM
    holder.stdout.close()


HOLDER = """
import sys, time, pathlib
from relevo_local.places.state import hold
with hold(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(30)
"""


def test_a_second_up_says_that_it_runs_already(tmp_path: Path) -> None:
    with hold(tmp_path / "state"):
        result = run("up", "--plain")

    assert result.exit_code == 1
    assert f"already (process {os.getpid()})" in result.stderr
    assert result.stdout == ""


def test_reset_deletes_a_state_folder_when_it_is_told_to(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with hold(state):
        (state / "processes.json").write_text("[]")

    assert run("reset", answers="n\n").exit_code == 1
    assert run("reset").exit_code == 1
    assert state.exists()
    assert run("reset", "--yes").exit_code == 0
    assert not state.exists()
    assert run("reset", "--yes").exit_code == 0


def test_reset_leaves_a_running_platform_and_a_strangers_folder_alone(
    tmp_path: Path,
) -> None:
    state, home = tmp_path / "state", tmp_path / "home"
    home.mkdir()
    (home / "letter.txt").write_text("mine")

    with hold(state):
        running = run("reset", "--yes")
    stranger = run("reset", "--yes", "--state", str(home))

    assert running.exit_code == stranger.exit_code == 1
    assert "stop it first by `relevo down`" in running.stderr
    assert "no state folder of relevo's" in stranger.stderr
    assert state.exists()
    assert (home / "letter.txt").exists()


def test_logs_shows_the_last_lines_of_a_process_and_names_those_that_there_are(
    tmp_path: Path,
) -> None:
    log = log_of(tmp_path / "state", "cleaner")
    log.parent.mkdir(parents=True)
    log.write_text("one\ntwo\nthree\n")

    assert run("logs", "cleaner", "-n", "2").stdout == "two\nthree\n"
    unknown = run("logs", "teapot")
    assert unknown.exit_code == 2
    assert "no log of 'teapot'; there are: cleaner" in unknown.stderr


def test_kafka_alone_lists_the_tools_with_an_example_of_each() -> None:
    result = run("kafka")

    assert result.exit_code == 0
    for tool in ("topics", "console-consumer", "console-producer", "consumer-groups"):
        assert f"relevo kafka {tool} " in result.stdout


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"timestamp": "2026-11-21T13:00:53.6Z", "level": "info", "service": "cleaner",'
         ' "message": "batch cleaned", "rows": 14690}\n', "batch cleaned  rows=14690"),
        ("2026-11-21 INFO  of another program\n", "2026-11-21 INFO  of another program"),
        ("[1, 2]\n", "[1, 2]"),
    ],
)  # fmt: skip
def test_a_log_line_is_readable_whoever_wrote_it(line: str, told: str) -> None:
    assert readable(line).endswith(told)


def test_relevo_tells_its_version() -> None:
    result = run("--version")

    assert result.exit_code == 0
    assert result.stdout == f"relevo {version('relevo')}\n"


def test_the_state_folder_is_found_from_the_folders_in_it_as_git_finds_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RELEVO_STATE")
    below = tmp_path / "notebooks" / "mine"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)

    absent = run("status")
    with hold(tmp_path / ".relevo"):
        pass
    found = run("status")
    logs = run("logs", "cleaner")

    assert f"does not run from {below}/.relevo:" in absent.stderr
    assert f"does not run from {tmp_path}/.relevo:" in found.stderr
    assert f"there are no logs in {tmp_path}/.relevo/logs" in logs.stderr
    assert run("reset", "--yes").stdout.startswith(f"deleted {tmp_path}/.relevo:")


def test_a_state_folder_that_is_named_is_taken_from_where_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = run("status", "--state", "mine")

    assert f"does not run from {tmp_path}/mine:" in result.stderr

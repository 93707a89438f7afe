"""The machine's own script: clean, the same twice, and what its unit starts answers."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_string
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from relevo_aws import template

VALUES = {"Image": "registry.example/data-api:1", "BatchInterval": "60"}
PROGRAMS = ("rpm", "dnf", "install", "systemctl", "aws")
PATIENCE_SECONDS = 30.0


def script(rows: str = "", dataset: str = "diabetes130") -> str:
    """The script's part of the user data, as the machine gets it."""
    user_data = template.parsed()["Resources"]["Machine"]["Properties"]["UserData"]
    text = user_data["Fn::Base64"]["Fn::Sub"][0]
    for name, value in (VALUES | {"Rows": rows, "Dataset": dataset}).items():
        text = text.replace(f"${{{name}}}", value)
    assert "${" not in text, "a value is not filled in"
    parts: Any = message_from_string(text).get_payload()
    config, shell = parts
    assert config.get_payload().strip().endswith("[[scripts-user, always]]")
    return str(shell.get_payload())


class Machine:
    """A root of its own in which the script runs; programs that it calls are recorded."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.calls: list[str] = []
        for folder in ("etc/systemd/system", "var/lib", "bin"):
            (root / folder).mkdir(parents=True)
        for name in PROGRAMS:
            program = root / "bin" / name
            program.write_text(f'#!/bin/sh\necho {name} "$@" >> {root}/calls\n')
            program.chmod(0o755)

    def boot(self, rows: str = "", dataset: str = "diabetes130") -> list[str]:
        """Run the script as at a boot; the calls that it made."""
        (self.root / "calls").unlink(missing_ok=True)
        text = script(rows, dataset).replace("/etc/", f"{self.root}/etc/")
        path = f"{self.root}/bin:/usr/bin:/bin"
        subprocess.run(["/bin/bash"], input=text, env={"PATH": path}, text=True, check=True)
        return (self.root / "calls").read_text().splitlines()

    @property
    def unit(self) -> str:
        return (self.root / "etc/systemd/system/data-api.service").read_text()

    @property
    def environment(self) -> dict[str, str]:
        lines = (self.root / "etc/data-api.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("rows", ["", "s3://rows/houses/"])
def test_shellcheck_has_nothing_to_say(rows: str, tmp_path: Path) -> None:
    file = tmp_path / "user-data.sh"
    file.write_text(script(rows))
    program = Path(sys.executable).parent / "shellcheck"
    done = subprocess.run([program, file], capture_output=True, text=True)

    assert done.stdout == ""


def test_a_second_boot_leaves_everything_as_it_was(machine: Machine) -> None:
    first = machine.boot()
    unit, environment = machine.unit, machine.environment

    assert machine.boot() == first
    assert (machine.unit, machine.environment) == (unit, environment)
    assert first[-2:] == ["systemctl enable docker data-api", "systemctl restart data-api"]
    assert [call for call in first if call.startswith("aws")] == []


def test_rows_of_a_bucket_are_fetched_before_the_unit_starts(machine: Machine) -> None:
    calls = machine.boot("s3://rows/houses/", "houses")

    assert machine.environment["DATA_API_SOURCES"] == "houses=/var/lib/data-api/rows"
    fetch = calls.index("aws s3 sync --delete s3://rows/houses/ /var/lib/data-api/rows")
    assert fetch < calls.index("systemctl restart data-api")


@pytest.mark.slow
def test_what_the_unit_starts_hands_out_the_batches(machine: Machine) -> None:
    machine.boot()
    lines = re.sub(r"\\\n\s+", "", machine.unit).splitlines()
    (start,) = [line for line in lines if line.startswith("ExecStart=")]

    # Docker's part; the image's own command is what follows, by its Dockerfile.
    assert start.startswith("ExecStart=/usr/bin/docker run --rm --name data-api ")
    assert " --env-file " in start
    assert " --publish 8080:8080 " in start
    assert start.endswith(f" {VALUES['Image']}")
    dockerfile = Path(__file__).parents[2] / "services" / "data-api" / "Dockerfile"
    assert 'CMD ["python", "-m", "data_api"]' in dockerfile.read_text()
    with data_api(machine) as url:
        assert answer(f"{url}/")["description"] == "One batch of rows every 60 seconds."
        assert answer(f"{url}/get_data")["batch_number"] == 1
    assert (machine.root / "var/lib/data-api/diabetes130.json").exists()


@contextmanager
def data_api(machine: Machine) -> Iterator[str]:
    """The image's command with the environment that the script has written."""
    (machine.root / "var/lib/data-api").mkdir()
    environment = {
        name: value.replace("/var/lib", f"{machine.root}/var/lib")
        for name, value in machine.environment.items()
    }
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "data_api"],
        env={"PATH": os.defpath, "HTTP_PORT": str(port), **environment},
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def answer(url: str) -> dict[str, object]:
    """What it answers as soon as it does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urlopen(url) as response:  # noqa: S310 - our own loopback
                return dict(json.load(response))
        except URLError:
            assert time.monotonic() < deadline, f"{url} gave no answer"
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])

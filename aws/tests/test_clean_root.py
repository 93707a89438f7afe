"""The machine's script as root in a clean Debian, and the unit's own start command."""

import json
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from relevo_aws import template

CLEAN, IMAGE = "debian:trixie-slim", "relevo/data-api:local"
DATASET = "diabetes130"
# What Amazon Linux and AWS bring, and a container does not.
STAND_INS = ("rpm", "systemctl")
PATIENCE_SECONDS = 40.0


def docker(*arguments: str) -> str:
    program = shutil.which("docker")
    if program is None:
        pytest.skip("no docker here")
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    if "image" in arguments and done.returncode:
        pytest.skip(f"no {arguments[-1]} here: `docker compose build data-api` makes ours")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """/etc and /var/lib of a clean Debian in which the script has run as root."""
    for image in (CLEAN, IMAGE):
        docker("image", "inspect", image)
    user_data = template.parsed()["Resources"]["Machine"]["Properties"]["UserData"]
    text = user_data["Fn::Base64"]["Fn::Sub"][0].split("#!/bin/bash", 1)[1]
    text = text.removesuffix("--//--\n").replace("${Rows}", "")
    text = text.replace("${BatchInterval}", "60").replace("${Image}", IMAGE)
    text = text.replace("${Dataset}", DATASET)
    for name in STAND_INS:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "script").write_text(text)
    made = "/etc/data-api.env /etc/systemd/system/data-api.service /var/lib/data-api"
    command = f"PATH=/root-of-test:$PATH; cd /root-of-test; bash script && cp -a {made} ."
    docker(
        "run", "--rm", f"--volume={tmp_path}:/root-of-test", CLEAN, "bash", "-c", command
    )
    return tmp_path


def test_the_units_own_command_answers_and_keeps_the_moment_of_its_start(
    root: Path,
) -> None:
    unit = re.sub(r"\\\n\s+", "", (root / "data-api.service").read_text())
    (line,) = re.findall(r"^ExecStart=/usr/bin/docker (.+)$", unit, re.MULTILINE)
    # the same command, with the clean root's folders and a door on loopback
    arguments = shlex.split(
        line.replace("/etc/data-api.env", f"{root}/data-api.env")
        .replace("--volume /var/lib", f"--volume {root}")
        .replace("8080:8080", "127.0.0.1::8080")
        .replace("--name data-api", f"--detach --name data-api-{root.name}")
    )
    container = docker(*arguments)
    try:
        door = docker("port", container, "8080").splitlines()[0]
        about, batch = answer(f"http://{door}/"), answer(f"http://{door}/get_data")
        kept = docker("exec", container, "cat", f"/var/lib/data-api/{DATASET}.json")
    finally:
        docker("rm", "--force", container)

    assert about["description"] == "One batch of rows every 60 seconds."
    assert batch["batch_number"] == 1
    assert (root / f"data-api/{DATASET}.json").read_text().rstrip() == kept


def answer(url: str) -> dict[str, object]:
    """What it answers as soon as it does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urlopen(url) as response:  # noqa: S310 - our own loopback
                return dict(json.load(response))
        except (URLError, ConnectionError):
            assert time.monotonic() < deadline, f"{url} gave no answer"
            time.sleep(0.2)

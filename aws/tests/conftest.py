"""An AWS of one's own: moto in this process, and the command against it."""

from collections.abc import Callable, Iterator

import boto3
import pytest
from moto import mock_aws

from relevo_aws.app import run
from relevo_aws.stack import Stack

REGION = "us-east-1"

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module", autouse=True)
def environment() -> Iterator[pytest.MonkeyPatch]:
    """No test reads a person's own credentials or asks a real AWS for any."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.delenv(name, raising=False)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, "/dev/null")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        yield patch
    boto3.DEFAULT_SESSION = None  # it remembers credentials


@pytest.fixture(scope="module")
def aws(environment: pytest.MonkeyPatch) -> Iterator[None]:
    """An account without a stack."""
    environment.setenv("AWS_ACCESS_KEY_ID", "testing")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """command("deploy", "--yes") -> exit code, standard output, standard error."""

    def called(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return called


@pytest.fixture(scope="module")
def wishes() -> tuple[str, ...]:
    """What a new stack must be told."""
    return ("--cidr", "203.0.113.7/32", "--image", "registry.example/data-api:1")


@pytest.fixture(scope="module")
def machine(aws: None, wishes: tuple[str, ...]) -> str:
    """The machine of a stack that was deployed; a test leaves it running."""
    assert run(["deploy", "--yes", *wishes]) == 0
    return Stack(boto3.client("cloudformation"), "relevo-data-source").machine()

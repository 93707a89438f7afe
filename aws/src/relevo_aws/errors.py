"""What goes wrong at AWS or with a wish, in one line that says what to do."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)

REFUSED_KEYS = {"InvalidClientTokenId", "AuthFailure", "SignatureDoesNotMatch"}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}


class CommandError(Exception):
    """Ends a command: its text goes to the error stream, its code to the shell.

    Codes: 1 it did not work · 2 it was asked wrongly.
    """

    def __init__(self, text: str, *, code: int = 1) -> None:
        super().__init__(" ".join(text.split()))
        self.code = code


def in_words(error: BotoCoreError | ClientError) -> str:
    """An error of boto3 as a sentence."""
    match error:
        case NoCredentialsError() | PartialCredentialsError():
            return "no AWS credentials: set AWS_PROFILE, or run `aws configure`"
        case NoRegionError():
            return "no AWS region: give --region, or set AWS_REGION"
        case EndpointConnectionError():
            return f"AWS is not reached ({error}): is the region right, the network up?"
        case ClientError():
            return _said_by_aws(error)
    return str(error)


def _said_by_aws(error: ClientError) -> str:
    said = error.response["Error"]
    code, message = said.get("Code", "unknown"), said.get("Message", "no reason given")
    if code in REFUSED_KEYS:
        return f"AWS does not know these credentials ({code}): another account or key?"
    if code in EXPIRED:
        return f"the AWS credentials have expired ({code}): log in again"
    if code in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}:
        return f"not allowed: {message} (aws/policies/deployer.json says what is needed)"
    return f"{error.operation_name} failed: {code}: {message}"

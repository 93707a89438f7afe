"""Where everything of a running platform can be reached."""

from pydantic import BaseModel, ConfigDict


class S3Address(BaseModel):
    """An S3 server, the keys that open it, and our bucket in it."""

    model_config = ConfigDict(frozen=True)

    endpoint_url: str
    access_key: str
    secret_key: str
    bucket: str

"""`relevo status --addresses`: store and catalog, for a shell, pandas and programs."""

import json
import shlex

from relevo.stored import Stored

REGION = "us-east-1"
"""No server of ours has regions, but clients of S3 ask for one."""


def variables(stored: Stored) -> dict[str, str]:
    """By which `relevo` elsewhere, and tools for S3, find the same platform."""
    s3 = stored.s3
    return {
        "RELEVO_CATALOG_URL": stored.catalog_url,
        "RELEVO_S3_ENDPOINT_URL": s3.endpoint_url,
        "RELEVO_S3_ACCESS_KEY": s3.access_key,
        "RELEVO_S3_SECRET_KEY": s3.secret_key,
        "RELEVO_S3_BUCKET": s3.bucket,
        "RELEVO_DATASET": ",".join(stored.datasets),
        "AWS_ENDPOINT_URL": s3.endpoint_url,
        "AWS_ACCESS_KEY_ID": s3.access_key,
        "AWS_SECRET_ACCESS_KEY": s3.secret_key,
        "AWS_REGION": REGION,
    }


def storage_options(stored: Stored) -> dict[str, object]:
    """As pandas.read_parquet takes them, with s3fs."""
    s3 = stored.s3
    return {
        "key": s3.access_key,
        "secret": s3.secret_key,
        "client_kwargs": {"endpoint_url": s3.endpoint_url},
    }


def for_a_shell(stored: Stored) -> str:
    """Lines that a shell can evaluate; those for Python are comments to it."""
    lines = [f"export {name}={shlex.quote(v)}" for name, v in variables(stored).items()]
    return "\n".join([
        *lines,
        "# in Python: pandas.read_parquet(ADDRESS, storage_options=storage_options), with",
        "# an ADDRESS of `relevo data path DATASET STAGE` and",
        f"# storage_options = {storage_options(stored)!r}",
    ])  # fmt: skip


def addresses_as_json(stored: Stored) -> str:
    """The same for programs: `variables`, `storage_options`."""
    told = {"variables": variables(stored), "storage_options": storage_options(stored)}
    return json.dumps(told, indent=1)

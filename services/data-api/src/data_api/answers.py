"""How an answer is written: a batch, facts as JSON, a time."""

import json
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Response, request
from werkzeug.http import is_resource_modified

from data_api.dataset import Batch
from data_api.formats import Format, etag, render
from data_api.problems import problem


def batch_as(batch: Batch, format: Format) -> Response:
    """The batch in that format; 304 where the client has it already."""
    if batch.rows is None and format is not Format.PARQUET:
        detail = f"Batch {batch.number} cannot be read as a table."
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
    tag = etag(batch, format)
    if is_resource_modified(request.environ, etag=tag):
        response = Response(render(batch, format), mimetype=format)
        if format is Format.PARQUET:
            response.content_length = batch.size
    else:
        # Response.make_conditional would do, but holds all of a stream in memory
        response = Response(status=HTTPStatus.NOT_MODIFIED)
    response.set_etag(tag)
    return response


def as_json(facts: dict[str, object]) -> Response:
    """What may be another answer the next time."""
    response = Response(json.dumps(facts) + "\n", content_type="application/json")
    response.cache_control.no_cache = True
    return response


def as_text(time: datetime) -> str:
    """RFC 3339 in UTC, to the microsecond."""
    utc = time.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"

"""A record of Kafka as text that a page can show."""

import json

from console.pages.shell import as_json
from relevo_contracts.records import Record


def readable(record: Record) -> dict[str, object]:
    """Key, headers and body as text; JSON is indented."""
    try:
        body = as_json(json.loads(record.value or b""))
    except ValueError:
        body = (record.value or b"").decode(errors="replace")
    headers = [(name, value.decode(errors="replace")) for name, value in record.headers]
    key = (record.key or b"").decode(errors="replace")
    return {"key": key, "headers": headers, "body": body}

"""The documents made from the contracts.

`python -m relevo_contracts.documentation [--check]` writes docs/events.md for people and
docs/asyncapi.json for tools (AsyncAPI 3.0.0).
"""

import json
import sys
from pathlib import Path
from typing import Any

from relevo_contracts.events import EVENTS, Event
from relevo_contracts.topics import DAY_MS, Topic

DOCS = Path(__file__).parents[4] / "docs"

PREFACE = """<!-- Made by `make generate` from packages/contracts; do not edit. -->

# Events

Every event is a [CloudEvent 1.0](https://cloudevents.io) in Kafka's binary mode: the body
is readable JSON, the attributes are record headers (`ce_id`, `ce_source`, `ce_type`,
`ce_time`, `ce_subject`, `ce_specversion`, and W3C's `traceparent`). `ce_id` is derived from
the id of the event that caused it, so a repeat is recognised by its id. Large things never
travel in an event: they lie in the object store, the event carries key, SHA-256 and size.
Only additive changes are made to a version; the JSON Schemas are in
`packages/contracts/schemas/`, the same as AsyncAPI in `asyncapi.json` beside this file.
"""

DEAD = """## Dead letters

A message that can never be handled goes to the `.dead` topic of where it came from: body,
key and headers byte for byte as they were, and beside them `dead_reason`, `dead_stage`
(fetch, parse or handle), `dead_kind` (poison or bug), `dead_service`, `dead_topic`,
`dead_partition`, `dead_offset` and `dead_time`. `relevo dead-letters list` shows them.
"""


def events_page() -> str:
    """docs/events.md as text."""
    rows = "\n".join(_topic_row(topic) for topic in Topic)
    table = "| topic | partitions | kept | record key | event |\n|---|---|---|---|---|\n"
    sections = "\n".join(_event_section(event) for event in EVENTS)
    return f"{PREFACE}\n## Topics\n\n{table}{rows}\n\n{sections}\n{DEAD}"


def _topic_row(topic: Topic) -> str:
    configuration = topic.configuration
    if configuration["cleanup.policy"] == "compact":
        kept = "the last one of each key"
    elif configuration["retention.ms"] == "-1":
        kept = "for ever"
    else:
        kept = f"{int(configuration['retention.ms']) // DAY_MS} days"
    event = next((e for e in EVENTS if e.topic is topic), None)
    key = _key_name(event) if event else "as it was"
    name = f"[{event.__name__}](#{event.__name__.lower()})" if event else "a dead letter"
    return f"| `{topic}` | {topic.partitions} | {kept} | {key} | {name} |"


def _key_name(event: type[Event]) -> str:
    keys = {
        Topic.BATCH_RAW: "`batch_id`",
        Topic.BATCH_CLEAN: "`dataset`",
        Topic.MODEL_PROMOTED: "`model`",
        Topic.MODEL_SERVED: "`pod`",
        Topic.BATCH_HELD: "`dataset`",
        Topic.SOURCE_SEEN: "`source`",
    }
    return keys[event.topic]


def _event_section(event: type[Event]) -> str:
    schema = event.model_json_schema()
    rows = "\n".join(
        f"| `{name}` | {_type_name(field)} | {_need(name, schema)}"
        f" | {field.get('description', '')} |"
        for name, field in schema["properties"].items()
    )
    return (
        f"## {event.__name__}\n\n{event.__doc__}\n\n"
        f"Topic `{event.topic}`, type `{event.type}`.\n\n"
        f"| field | type | | meaning |\n|---|---|---|---|\n{rows}\n"
    )


def _need(name: str, schema: dict[str, Any]) -> str:
    return "" if name in schema.get("required", []) else "may be absent"


def _type_name(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "anyOf" in field:
        return " or ".join(_type_name(option) for option in field["anyOf"])
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if field["type"] == "array":
        return f"list of {_type_name(field['items'])}"
    return {"date-time": "RFC 3339 time"}.get(field.get("format", ""), str(field["type"]))


def asyncapi() -> dict[str, Any]:
    """The platform as an AsyncAPI 3.0.0 document."""
    channels = {
        event.topic.value: {
            "address": event.topic.value,
            "description": event.__doc__,
            "messages": {
                event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}
            },
            "bindings": {
                "kafka": {
                    "topic": event.topic.value,
                    "partitions": event.topic.partitions,
                    "topicConfiguration": {
                        "cleanup.policy": [event.topic.configuration["cleanup.policy"]]
                    },
                }
            },
        }
        for event in EVENTS
    }
    messages = {
        event.__name__: {
            "name": event.type,
            "contentType": "application/json",
            "payload": event.model_json_schema(
                ref_template=f"#/components/messages/{event.__name__}/payload/$defs/{{model}}"
            ),
        }
        for event in EVENTS
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "relevo",
            "version": "1",
            "description": "Models retrained and relieved by events.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "components": {"messages": messages},
    }


def main(arguments: list[str]) -> int:
    """Check or write; 1 when a committed document is not what the contracts say."""
    documents = {
        DOCS / "events.md": events_page(),
        DOCS / "asyncapi.json": json.dumps(asyncapi(), indent=2) + "\n",
    }
    if arguments != ["--check"]:
        for path, text in documents.items():
            path.write_text(text)
        return 0
    stale = [path for path, text in documents.items() if path.read_text() != text]
    for path in stale:
        sys.stderr.write(f"docs/{path.name} is stale: run `make generate`\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Why a message could not be read, in a person's words instead of a validator's."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from relevo_contracts import EVENTS, DeadLetter, Envelope
from relevo_contracts.dead_letters import PREFIX as DEAD
from relevo_contracts.envelope import PREFIX as CLOUD_EVENT

EVENT_OF = {event.topic.value: event for event in EVENTS}
FEW = 4
SHOWN = 40


def in_words(
    letter: DeadLetter, body: bytes | None, headers: Sequence[tuple[str, bytes]]
) -> str:
    """What is wrong with the message; what could be read is told as its service told it."""
    if letter.stage != "parse":
        return letter.reason
    return _wrong_body(body) or _wrong_headers(headers) or _wrong_fields(letter, body)


def _wrong_body(body: bytes | None) -> str | None:
    if not body:
        return "an empty message"
    try:
        facts = json.loads(body)
    except ValueError:
        begins = body[:SHOWN].decode(errors="replace")
        return f"not JSON: it begins with {begins!r}"
    if not isinstance(facts, dict):
        return f"JSON, but no object: it is {_kind(facts)}"
    if {"schema", "payload"} <= facts.keys():
        return "looks like a Kafka Connect envelope (schema and payload around the event)"
    return None


def _wrong_headers(headers: Sequence[tuple[str, bytes]]) -> str | None:
    own = [(name, value) for name, value in headers if not name.startswith(DEAD)]
    if not any(name.startswith(CLOUD_EVENT) for name, _ in own):
        return "no CloudEvents headers (ce_id, ce_type …): sent by another producer?"
    given = {name for name, value in own if value}
    wanted = [
        name if name == "traceparent" else f"{CLOUD_EVENT}{name}"
        for name, field in Envelope.model_fields.items()
        if field.is_required()
    ]
    missing = [name for name in wanted if name not in given]
    return f"missing headers: {_few(missing)}" if missing else None


def _wrong_fields(letter: DeadLetter, body: bytes | None) -> str:
    event = EVENT_OF.get(letter.topic)
    if event is None:
        return letter.reason
    try:
        event.model_validate_json(body or b"")
    except ValidationError as error:
        found = error.errors(include_url=False)
        missing = [_name(each["loc"]) for each in found if each["type"] == "missing"]
        wrong = [
            f"{_name(each['loc'])}: {each['msg']}"
            for each in found
            if each["type"] != "missing"
        ]
        told = [f"missing fields: {_few(missing)}"] if missing else []
        return "; ".join([*told, *wrong[:FEW]])
    return letter.reason


def _name(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location))


def _few(names: Sequence[str]) -> str:
    more = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" and {more} more" if more > 0 else "")


def _kind(facts: Any) -> str:
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(facts), "a number")

"""What stands around the rows in a peer's JSON: read without making objects of the rows."""

from typing import TypeVar

import msgspec

from inference.tables.bodies import BOM, not_json, parse, unfit

T = TypeVar("T")

MOST_BRACKETS = 100_000
"""Of a body that has to be read whole."""


def open_envelope(body: bytes, form: type[T]) -> T:
    """The members that the form has; what it leaves as `Raw` is looked at later.

    Raises Problem: 400 for what is no JSON, 422 for another form.
    """
    text = body.removeprefix(BOM)
    try:
        return typed(text, form)
    except msgspec.DecodeError as error:
        if b"NaN" not in text or b"Infinity" in text:
            raise not_json(str(error)) from error
    # Python's own json writes NaN for a missing value, where JSON has null
    if text.count(b"{") + text.count(b"[") > MOST_BRACKETS:
        raise not_json("it has NaN; write null")
    return typed(msgspec.json.encode(parse(text)), form)


def typed(text: bytes | msgspec.Raw, form: type[T], *, of: str = "the body") -> T:
    """JSON of a form; raises msgspec.DecodeError for none, Problem 422 for another form.

    of: what the JSON is, for the words.
    """
    try:
        return msgspec.json.decode(text, type=form)
    except msgspec.ValidationError as error:
        raise unfit(f"{of}: {error}") from error
    except RecursionError as error:
        raise not_json("it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise not_json(str(error)) from error

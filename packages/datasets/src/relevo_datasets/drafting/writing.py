"""A draft as the text of its TOML file, with the reasons as comments."""

from collections.abc import Iterator, Mapping

from relevo_datasets.drafting.draft import Draft
from relevo_datasets.drafting.toml_text import Value, assignment, comment, table

RANGES = (
    "Ranges are what the file has and as much again on both sides, and do not cross 0"
    " where the file does not. Sets of words are open unless they say `closed = true`."
)


def text_of(draft: Draft, made_of: str, example: Mapping[str, Value]) -> str:
    """The declaration; made_of: what it was drafted of, in words."""
    parts = [
        comment(f"{draft.name}: drafted by `relevo dataset new` of {made_of}."),
        comment(f"{RANGES} docs/datasets.md explains every key."),
    ]
    parts += [comment(f"LOOK: {look}") for look in draft.look]
    return "\n".join([*parts, *_head(draft), "", *_tables(draft, example)]) + "\n"


def _head(draft: Draft) -> Iterator[str]:
    for key, value in draft.head.items():
        if key == "ignored":
            yield comment("Left out:")
            yield from (
                comment(f"  {each.column or 'a column without a name'} {each.reason}")
                for each in draft.left_out
            )
        yield assignment(key, value)


def _tables(draft: Draft, example: Mapping[str, Value]) -> Iterator[str]:
    yield from (comment(f"LOOK: {look}") for look in draft.target.look)
    target: dict[str, Value] = {"column": draft.target.column, "task": draft.target.task}
    if draft.target.classes:
        target["classes"] = draft.target.classes
    yield table("[[targets]]", target)
    for guess in draft.features:
        yield ""
        yield from (comment(f"LOOK: {look}") for look in guess.look)
        yield table("[[features]]", guess.facts)
    if draft.candidates:
        yield ""
        yield comment("The usual settings are for tens of thousands of rows.")
    for place, (algorithm, settings) in enumerate(draft.candidates.items()):
        yield from [""] * (place > 0)
        yield table(f"[candidates.{algorithm}]", settings)
    if example:
        yield ""
        yield table("[example]", example)

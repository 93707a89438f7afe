"""A drafted declaration as people hear of it: what was decided, and what to look at."""

import math
from collections import Counter
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from relevo_datasets.drafting.draft import Draft
from relevo_datasets.drafting.files import Drafted, Wish
from relevo_datasets.quality.checking import Checked

MOST_LOOKS = 20


def told(
    wish: Wish, drafted: Drafted, checked: Checked, own: Path | None
) -> RenderableType:
    """The whole message; own: the folder that RELEVO_DATASETS names already."""
    head = f"{wish.file}: {drafted.rows:,} rows → {drafted.declaration}"
    return Group(
        Text(head, style="bold"),
        _decisions(drafted, checked),
        *_looks(drafted),
        *(Text(f"batch {n} would be refused: {why}", style="red")
          for n, why in checked.refusals.items()),
        Text(""),
        Text(f"next: relevo dataset check {drafted.declaration}"),
        Text(f"      {_start(drafted, own)}"),
    )  # fmt: skip


def _decisions(drafted: Drafted, checked: Checked) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    draft = drafted.draft
    table.add_row("target", _target(draft))
    table.add_row("features", _features(draft))
    if draft.left_out:
        left = (f"{each.column or '(no name)'} {each.reason}" for each in draft.left_out)
        table.add_row("left out", "\n".join(left))
    batches = math.ceil(drafted.rows / drafted.batch_rows)
    table.add_row("batches", f"{batches:,} of {drafted.batch_rows:,} rows at most")
    if drafted.copy:
        why = "; ".join(drafted.copied_because)
        table.add_row("a copy", f"{drafted.copy}, since {why}")
    first = "" if checked.rows == drafted.rows else "the first "
    table.add_row("read", f"{checked.readable:,} of {first}{checked.rows:,} rows fit")
    return table


def _target(draft: Draft) -> str:
    classes = [str(each.get("value", each["label"])) for each in draft.target.classes]
    told = f": {', '.join(classes)}" if classes else ""
    return f"{draft.target.column}, {draft.target.task}{told}"


def _features(draft: Draft) -> str:
    kinds = Counter(str(guess.facts["kind"]) for guess in draft.features)
    each = ", ".join(f"{times} {kind}" for kind, times in kinds.most_common())
    return f"{len(draft.features)}: {each}"


def _looks(drafted: Drafted) -> list[Text]:
    looks = drafted.draft.all_looks
    if not looks:
        return []
    more = len(looks) - MOST_LOOKS
    return [
        Text(""),
        Text(f"worth a look in {drafted.declaration.name}:"),
        *(Text(f"  · {look}", overflow="fold") for look in looks[:MOST_LOOKS]),
        *([Text(f"  · and {more} more, by LOOK in the file")] if more > 0 else []),
    ]


def _start(drafted: Drafted, own: Path | None) -> str:
    folder = drafted.declaration.parent
    is_set = own is not None and own == folder.resolve()
    setting = "" if is_set else f"RELEVO_DATASETS={folder} "
    return f"{setting}relevo up --dataset {drafted.draft.name}"

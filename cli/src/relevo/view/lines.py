"""The last things that happened: as many as fit, the newest at the bottom."""

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from relevo.view.colours import STYLES
from relevo_story.telling import figures
from relevo_story.telling.facts import Line

SUBJECT, LONGEST_SUBJECT = 16, 24
"""The least and the largest width of who or what a line is about."""


class LastLines:
    """Wraps what is too long and drops the oldest; fills exactly the height it is given."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = options.height or options.max_height
        free = options.update(height=None)
        longest = max((len(line.subject) for line in self._lines[-height:]), default=0)
        width = min(max(longest, SUBJECT), LONGEST_SUBJECT)
        shown: list[list[Segment]] = []
        for line in reversed(self._lines):
            table = as_row(line, subject_width=width)
            shown = console.render_lines(table, free, pad=False) + shown
            if len(shown) >= height:
                break
        for row in shown[-height:]:
            yield from row
            yield Segment.line()


def as_row(line: Line, *, subject_width: int) -> Table:
    """Time, who, what; what is too long goes on under itself."""
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(style="dim", width=8)
    table.add_column(style="bold", width=subject_width, overflow="ellipsis", no_wrap=True)
    table.add_column(ratio=1)
    text = Text(line.text, style=STYLES[line.tone])
    table.add_row(figures.clock(line.time), line.subject, text)
    return table


def as_text(line: Line) -> Text:
    """'14:03:09  batch 2: cleaned 14,690 of 15,000 rows in 0.6 s'."""
    return Text.assemble(
        (f"{figures.clock(line.time)}  ", "dim"),
        (f"{line.subject}: " if line.subject else "", "bold"),
        (line.text, STYLES[line.tone]),
    )

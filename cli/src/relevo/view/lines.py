"""What happened, as lines: one by itself, or the last ones, as many as fit."""

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from relevo.view.consoles import STYLES
from relevo_story.telling import figures
from relevo_story.telling.facts import Line

SUBJECT, LONGEST_SUBJECT = 16, 24
"""The least and the largest width of who or what a line is about."""


class LastLines:
    """The newest at the bottom; what is too long goes on under itself."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = options.height or options.max_height
        lines = self._lines[-height:]
        longest = max((len(line.subject) for line in lines), default=0)
        width = min(max(longest, SUBJECT), LONGEST_SUBJECT)
        table = Table.grid(padding=(0, 2), expand=True)
        table.add_column(style="dim", width=8)
        table.add_column(style="bold", width=width, overflow="ellipsis", no_wrap=True)
        table.add_column(ratio=1)
        for line in lines:
            text = Text(line.text, style=STYLES[line.tone])
            table.add_row(figures.clock(line.time), line.subject, text)
        shown = console.render_lines(table, options.update(height=None), pad=False)
        for row in shown[-height:]:
            yield from row
            yield Segment.line()


def as_text(line: Line) -> Text:
    """'14:03:09  batch 2: cleaned 14,690 of 15,000 rows in 0.6 s'."""
    return Text.assemble(
        (f"{figures.clock(line.time)}  ", "dim"),
        (f"{line.subject}: " if line.subject else "", "bold"),
        (line.text, STYLES[line.tone]),
    )

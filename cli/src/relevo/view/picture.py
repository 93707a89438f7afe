"""The whole picture, composed for the size of the terminal."""

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.layout import Layout
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from relevo.example import short_curl
from relevo.view.batches import batches_table
from relevo.view.lines import LastLines
from relevo.view.models import doors
from relevo.view.panels import process_table, rows_of_state
from relevo.view.scene import Scene
from relevo_story.telling import figures

WIDE = 150
SIDE = 56
FEWEST_LINES = 4


class Picture:
    """A scene as a renderable that fills the terminal, whatever its size is now."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width, height = options.max_width, options.height or options.max_height
        main = self._main(console, options, height)
        if width >= WIDE:
            scene = self._scene
            table = process_table(scene.processes, scene.now, with_addresses=False)
            side = Layout(Group(_title("Processes"), table), size=SIDE)
            whole = Layout()
            whole.split_row(Layout(main), Layout(" ", size=2), side)
            main = whole
        yield from console.render(main, options.update(height=height))

    def _main(self, console: Console, options: ConsoleOptions, height: int) -> Layout:
        scene = self._scene
        is_wide = options.max_width >= WIDE
        width = options.max_width - (SIDE + 2 if is_wide else 0)
        inner = options.update(width=width, height=None)

        def fixed(part: RenderableType) -> tuple[Layout, int]:
            size = len(console.render_lines(part, inner, pad=False))
            return Layout(part, size=size), size

        state, state_height = fixed(
            Padding(rows_of_state(scene, with_processes=not is_wide), (1, 0, 0, 0))
        )
        header, header_height = fixed(_header(scene, width))
        several = max(1, len(scene.story.datasets))  # each has a batch to come
        taken = header_height + state_height + 2 + 2 + several
        most = max(several, height - taken - FEWEST_LINES)
        layout = Layout()
        layout.split_column(
            header,
            Layout(_title("Batches", batches_in_short(scene)), size=1),
            fixed(batches_table(scene.story, scene.now, width=width, most=most))[0],
            state,
            Layout(_title("What happened"), size=1),
            Layout(LastLines(scene.lines)),
        )
        return layout


def _title(text: str, more: str = "") -> Rule:
    title = Text.assemble((text, "bold"), (f"  {more}" if more else "", "not bold"))
    return Rule(title, align="left", style="dim")


def batches_in_short(scene: Scene) -> str:
    """'5 of 7 released, one every 20 s'."""
    schedules = scene.story.schedules.values()
    if not schedules:
        return ""
    released = sum(1 for batch in scene.story.batches if batch.released_at)
    total = sum(schedule.total or 0 for schedule in schedules)
    text = f"{released} of {total} released" if total else ""
    if not any(schedule.next_due for schedule in schedules):
        return f"{text}, no more come"
    if scene.interval_seconds is None:
        return text
    return f"{text}, one every {figures.seconds(scene.interval_seconds)}"


def _header(scene: Scene, width: int) -> RenderableType:
    line = Table.grid(expand=True)
    line.add_column()
    line.add_column(justify="right")
    name = Text(" relevo ", style="bold reverse")
    if scene.began:
        up = figures.age(scene.began, scene.now)
        name.append(f"  up {up}", style="not bold not reverse")
    ends = "stopping …" if scene.is_stopping else "Ctrl-C stops everything"
    line.add_row(name, Text(ends, style="dim"))
    found = Table.grid(padding=(0, 2))
    found.add_column(style="dim", no_wrap=True)
    found.add_column(overflow="fold")
    for title, url in doors(scene):
        found.add_row(title, url)
    if scene.where.inference:
        room = width - len("Console  ")
        found.add_row("Ask", short_curl(scene.where.inference[0], scene.state, room))
    return Group(line, found)

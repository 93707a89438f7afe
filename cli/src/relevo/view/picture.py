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
from relevo.view.panels import process_table, rows_of_state
from relevo.view.scene import Scene
from relevo_story.telling import figures

WIDE = 150
SIDE = 56
FEWEST_LINES = 5


class Picture:
    """A scene as a renderable that fills the terminal, whatever its size is now."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width, height = options.max_width, options.height or options.max_height
        main = self._main(console, options, height)
        if width >= WIDE:
            whole = Layout()
            side = Layout(self._side(), size=SIDE)
            whole.split_row(Layout(main), Layout(" ", size=2), side)
            main = whole
        yield from console.render(main, options.update(height=height))

    def _main(self, console: Console, options: ConsoleOptions, height: int) -> Layout:
        scene = self._scene
        is_wide = options.max_width >= WIDE
        width = options.max_width - (SIDE + 2 if is_wide else 0)
        state = Padding(rows_of_state(scene, with_processes=not is_wide), (1, 0, 0, 0))
        header = self._header()
        inner = options.update(width=width, height=None)
        taken = _height(console, header, inner) + _height(console, state, inner) + 2
        several = max(1, len(scene.story.datasets))  # each has a batch to come
        most = max(several, height - taken - FEWEST_LINES - 2 - several)
        table = batches_table(scene.story, scene.now, width=width, most=most)
        layout = Layout()
        layout.split_column(
            Layout(header, size=_height(console, header, inner)),
            Layout(_title("Batches", batches_in_short(scene)), size=1),
            Layout(table, size=_height(console, table, inner)),
            Layout(state, size=_height(console, state, inner)),
            Layout(_title("What happened"), size=1),
            Layout(LastLines(scene.lines)),
        )
        return layout

    def _header(self) -> RenderableType:
        scene = self._scene
        return Group(_headline(scene), _doors(scene))

    def _side(self) -> RenderableType:
        scene = self._scene
        return Group(
            _title("Processes"),
            process_table(scene.processes, scene.now, with_addresses=False),
        )


def _height(console: Console, renderable: RenderableType, options: ConsoleOptions) -> int:
    return len(console.render_lines(renderable, options, pad=False))


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


def _headline(scene: Scene) -> Table:
    line = Table.grid(expand=True)
    line.add_column()
    line.add_column(justify="right")
    name = Text(" relevo ", style="bold reverse")
    if scene.began:
        name.append(
            f"  up {figures.age(scene.began, scene.now)}", style="not bold not reverse"
        )
    ends = Text(
        "stopping …" if scene.is_stopping else "Ctrl-C stops everything", style="dim"
    )
    line.add_row(name, ends)
    return line


def _doors(scene: Scene) -> Table:
    doors = Table.grid(padding=(0, 2))
    doors.add_column(style="dim", no_wrap=True, min_width=6)
    doors.add_column(no_wrap=True, overflow="ellipsis")
    where = scene.where
    if where.inference:
        doors.add_row("pods", "  ".join(f"{url}/docs" for url in where.inference))
    if where.mlflow:
        doors.add_row("MLflow", where.mlflow)
    if where.inference:
        doors.add_row("ask", short_curl(where.inference[0], scene.state))
    return doors

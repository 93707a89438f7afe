"""What a view is, the plain one, and what is done when a view fails."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from operator import methodcaller

from rich.console import Console

from relevo.example import curls
from relevo.view.lines import as_text
from relevo.view.scene import Scene
from relevo_contracts.errors import first_line
from relevo_story.telling.facts import Line

PARTS = 4
"""In so many steps plain lines tell what is counted."""


class View:
    """A way to show the story; any of these may raise whatever it likes."""

    def open(self) -> None:
        """Begin."""

    def tell(self, line: Line) -> None:
        """Something happened."""

    def show_request(self, intro: str, scene: Scene) -> None:
        """A pod can be asked, and this is how."""

    def draw(self, scene: Scene) -> None:
        """This is how things stand, twice a second."""

    def close(self, scene: Scene | None) -> None:
        """Give the terminal back; with a scene, leave the end of the story on it."""


class PlainView(View):
    """One line per thing that happened, as it comes: for pipes, logs and `--plain`."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def tell(self, line: Line) -> None:
        """Print it; of what is counted the first, the last and some between."""
        count, total = line.counted or (1, 1)
        if count == 1 or count * PARTS // total > (count - 1) * PARTS // total:
            self._console.print(as_text(line), soft_wrap=True)

    def show_request(self, intro: str, scene: Scene) -> None:
        """Print the console's address, and the commands that ask a pod of each model."""
        where = scene.where
        if where.console:
            self._console.print(f"\nConsole  {where.console}", style="bold", soft_wrap=True)
        if where.inference:
            self._console.print(f"\n{intro}\n", style="bold", soft_wrap=True)
            for command in curls(where.inference[0], where.datasets):
                self._console.print(f"{command}\n", soft_wrap=True, markup=False)


class Views:
    """The first of several views that works; with none left nothing is shown."""

    def __init__(self, views: Sequence[View]) -> None:
        self._views = list(views)

    def show(self, what: Callable[[View], None]) -> None:
        """Do it with the view that works; one that fails is replaced, and that is told."""
        while self._views:
            try:
                return what(self._views[0])
            except Exception as error:
                failed = self._views.pop(0)
                with suppress(Exception):
                    failed.close(None)
                fault = f"{type(error).__name__}: {first_line(error)}"
                text = f"this view failed ({fault}); a simpler one goes on"
                line = Line(datetime.now(UTC), "view", text, "warning")
                self.show(methodcaller("open"))
                self.show(methodcaller("tell", line))

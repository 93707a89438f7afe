"""What a view is, and a view that survives the failure of its parts."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

from relevo.view.scene import Scene
from relevo_contracts.errors import first_line
from relevo_story.telling.facts import Line


class View(Protocol):
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


class SurvivingView:
    """The first of several views that works; with none left it shows nothing."""

    def __init__(self, views: Sequence[View]) -> None:
        self._views = list(views)

    def open(self) -> None:
        """Open the first."""
        self._do(lambda view: view.open())

    def tell(self, line: Line) -> None:
        """Tell it in the view that still works."""
        self._do(lambda view: view.tell(line))

    def show_request(self, intro: str, scene: Scene) -> None:
        """Show it in the view that still works."""
        self._do(lambda view: view.show_request(intro, scene))

    def draw(self, scene: Scene) -> None:
        """Draw it in the view that still works."""
        self._do(lambda view: view.draw(scene))

    def close(self, scene: Scene | None) -> None:
        """Close the view that still works."""
        self._do(lambda view: view.close(scene))

    def _do(self, what: Callable[[View], None]) -> None:
        while self._views:
            try:
                return what(self._views[0])
            except Exception as error:
                self._replace(error)

    def _replace(self, error: Exception) -> None:
        failed = self._views.pop(0)
        with suppress(Exception):
            failed.close(None)
        text = f"this view failed ({type(error).__name__}: {first_line(error)})"
        line = Line(datetime.now(UTC), "view", f"{text}; a simpler one goes on", "warning")
        self.open()
        self.tell(line)

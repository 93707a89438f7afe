"""Plain lines: one per thing that happened, for pipes, logs and `--plain`."""

from rich.console import Console

from relevo.example import curls
from relevo.view.lines import as_text
from relevo.view.scene import Scene
from relevo_story.telling.facts import Line


class PlainView:
    """Prints each line once, as it comes."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def open(self) -> None:
        """Nothing to prepare."""

    def tell(self, line: Line) -> None:
        """Print it."""
        self._console.print(as_text(line), soft_wrap=True)

    def show_request(self, intro: str, scene: Scene) -> None:
        """Print the commands that ask a pod, one for each model."""
        where = scene.where
        if where.inference:
            self._console.print(f"\n{intro}\n", style="bold", soft_wrap=True)
            for command in curls(where.inference[0], where.datasets):
                self._console.print(f"{command}\n", soft_wrap=True, markup=False)

    def draw(self, scene: Scene) -> None:
        """Nothing: what is new has been told."""

    def close(self, scene: Scene | None) -> None:
        """Nothing is left to say."""

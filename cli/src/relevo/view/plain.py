"""Plain lines: one per thing that happened, for pipes, logs and `--plain`."""

from rich.console import Console

from relevo.example import curl
from relevo.story.facts import Line
from relevo.view.lines import as_text
from relevo.view.scene import Scene


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
        """Print the command that asks a pod."""
        if scene.where.inference:
            self._console.print(f"\n{intro}\n", style="bold", soft_wrap=True)
            self._console.print(f"{curl(scene.where.inference[0])}\n", soft_wrap=True)

    def draw(self, scene: Scene) -> None:
        """Nothing: what is new has been told."""

    def close(self, scene: Scene | None) -> None:
        """Nothing is left to say."""

"""The live view: one picture that fills the terminal and is drawn anew twice a second."""

import sys
import termios

from rich.console import Console
from rich.live import Live

from relevo.view.batches import batches_table
from relevo.view.lines import as_text
from relevo.view.picture import Picture
from relevo.view.scene import Scene
from relevo.view.views import View

LAST_LINES = 12


class LiveView(View):
    """On the terminal's second screen; what stood there before comes back at the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._keys: list[object] | None = None
        self._live = Live(
            console=console,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def open(self) -> None:
        """Take the screen; typed keys are not written into it, Ctrl-C works as ever."""
        if sys.stdin.isatty():
            self._keys = termios.tcgetattr(sys.stdin)
            muted = termios.tcgetattr(sys.stdin)
            muted[3] &= ~(termios.ECHO | termios.ICANON)
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, muted)
        self._live.start()

    def draw(self, scene: Scene) -> None:
        """Draw the picture anew, in the size that the terminal has now."""
        self._live.update(Picture(scene), refresh=True)

    def close(self, scene: Scene | None) -> None:
        """Give the screen back and leave the end of the story on it."""
        self._live.stop()
        if self._keys is not None:  # what was typed meanwhile is forgotten
            termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, self._keys)  # type: ignore[arg-type]
        if scene is None:
            return
        if scene.story.batches:
            width = self._console.width
            self._console.print(batches_table(scene.story, scene.now, width=width))
        for line in list(scene.lines)[-LAST_LINES:]:
            self._console.print(as_text(line), soft_wrap=True)

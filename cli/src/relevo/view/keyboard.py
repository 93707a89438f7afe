"""Keeps typed keys from being written into the picture."""

import sys
import termios


class Keyboard:
    """The terminal's echo, switched off for a while; Ctrl-C works as ever."""

    def __init__(self) -> None:
        self._before: list[object] | None = None

    def mute(self) -> None:
        """Show no keys; does nothing where the input is no terminal."""
        if not sys.stdin.isatty():
            return
        self._before = termios.tcgetattr(sys.stdin)
        muted = termios.tcgetattr(sys.stdin)
        muted[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, muted)

    def restore(self) -> None:
        """As it was; what was typed meanwhile is forgotten."""
        if self._before is not None:
            termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, self._before)  # type: ignore[arg-type]
            self._before = None

"""What goes wrong for a person: one line that says what, where and what to do."""


class CommandError(Exception):
    """Ends a command: its text goes to the error stream, its code to the shell.

    Codes: 1 it did not work · 2 it was asked wrongly · 3 the platform does not run.
    """

    def __init__(self, text: str, *, code: int = 1) -> None:
        super().__init__(" ".join(text.split()))
        self.code = code


def first_line(error: BaseException) -> str:
    """An error in one line, never empty."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__

"""What goes wrong for a person: one line that says what, where and what to do."""


class CommandError(Exception):
    """Ends a command: its text goes to the error stream, its code to the shell.

    Codes: 1 it did not work · 2 it was asked wrongly · 3 the platform does not run.
    """

    def __init__(self, text: str, *, code: int = 1) -> None:
        super().__init__(" ".join(text.split()))
        self.code = code

"""Why a message cannot be handled now, or ever.

Exception
├── PoisonError   this message can never be handled: it goes to the dead letters
├── OutageError   something that the handler needs is away, or somebody else is at
│                 work on the same: the message waits
└── SetupError    only a person can mend it: the service ends and says how
Anything else that a handler raises is a bug: three attempts, then a dead letter.
"""

import errno


class PoisonError(Exception):
    """The message itself is wrong; reading it again would not help."""


class OutageError(Exception):
    """A server that the handler needs is away; the message is fine."""


class SetupError(Exception):
    """The service cannot work in this world; the message says what a person must do."""


def is_disk_full(error: BaseException) -> bool:
    """True for what a full disk of this machine causes, which is an outage too."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def first_line(error: BaseException) -> str:
    """An error in one line, never empty."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__

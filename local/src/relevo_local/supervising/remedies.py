"""From a program's last words to what a person can do about it."""

import re
from pathlib import Path

KNOWN = (
    (
        r"Address already in use|address already in use",
        "Another program listens on its port: end that one, or start again"
        " (taken ports are then replaced by free ones).",
    ),
    (r"No space left on device|disk full", "The disk is full: make room and start again."),
    (
        r"Cannot allocate memory|OutOfMemoryError|could not create shared memory",
        "There is not enough memory: close other programs and start again.",
    ),
    (
        r"Permission denied",
        "It may not read or write its folder: the same account that made the state"
        " folder has to start the platform.",
    ),
    (
        r"out-of-date database schema|Can't locate revision",
        "The state folder was used by another version of MLflow: `relevo reset` makes a"
        " new one (its models and runs are gone then).",
    ),
)


def remedy_for(last_words: str, log: Path) -> str:
    """One sentence that helps: by what the program said, else where to read on."""
    for pattern, remedy in KNOWN:
        if re.search(pattern, last_words):
            return remedy
    return f"The whole log is in {log}."

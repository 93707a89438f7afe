"""Figures as people read them: rows, seconds, ages, times of day, metrics."""

import re
from datetime import UTC, datetime

from relevo_contracts.statistics import FIGURES

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LONGEST_REASON = 240
PYDANTICS_NOTES = re.compile(r"\[type=[^\]]*\]|For further information visit \S+")


def rows(count: int | None) -> str:
    """15000 -> '15,000'."""
    return "?" if count is None else f"{count:,}"


def seconds(duration: float) -> str:
    """A duration in seconds: '0.04 s', '9.8 s', '2 min 5 s', '3 h 20 min', '2 d 1 h'."""
    if duration < 0.095:
        return f"{max(duration, 0.0):.2f} s"
    if duration < 10:
        return f"{duration:.1f} s"
    whole = round(duration)
    for unit, name, part, part_name in (
        (DAY, "d", HOUR, "h"),
        (HOUR, "h", MINUTE, "min"),
        (MINUTE, "min", 1, "s"),
    ):
        if whole >= unit:
            return f"{whole // unit} {name} {whole % unit // part} {part_name}"
    return f"{whole} s"


def batches(count: int) -> str:
    """'1 batch', '3 batches'."""
    return f"{count} batch{'' if count == 1 else 'es'}"


def age(since: datetime, now: datetime) -> str:
    """How long ago: 'now', '14 s', '3 min', '2 h', '5 d'."""
    passed = (now - since).total_seconds()
    if passed < 1:
        return "now"
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if passed >= unit:
            return f"{passed / unit:.0f} {name}"
    return f"{passed:.0f} s"


def clock(time: datetime) -> str:
    """The time of day here, '14:03:09'."""
    return time.astimezone().strftime("%H:%M:%S")


def metric(value: float) -> str:
    """A model's leading figure, three decimals."""
    return f"{value:.3f}"


def figure(name: str | None) -> str:
    """A figure's name in words: "roc_auc" -> 'ROC-AUC', and None -> ''."""
    return FIGURES.get(name, name) if name else ""


def named(name: str | None, value: float) -> str:
    """A figure with its name: 'ROC-AUC 0.668'."""
    return f"{figure(name)} {metric(value)}".strip()


def size(count: int) -> str:
    """Bytes: '812 B', '38 kB', '1.2 MB'."""
    if count < 1_000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1_000:.0f} kB"
    return f"{count / 1_000_000:.1f} MB"


def listed(names: list[str]) -> str:
    """['a', 'b', 'c'] -> 'a, b and c'."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def reason(text: str) -> str:
    """Why, in one line of readable length; without what pydantic adds for programmers."""
    short = PYDANTICS_NOTES.sub(" ", text)
    line = " ".join(short.split())
    return line if len(line) <= LONGEST_REASON else f"{line[: LONGEST_REASON - 1]}…"


def moment(text: str) -> datetime:
    """An RFC 3339 time; one without a zone is taken as UTC."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)

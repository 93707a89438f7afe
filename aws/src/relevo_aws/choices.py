"""What a person may choose, checked, and as the template's parameters."""

import re
from dataclasses import dataclass, fields
from datetime import time
from ipaddress import IPv4Network
from zoneinfo import ZoneInfo

from relevo_aws.errors import CommandError

CRON = re.compile(r"cron\((\d+) (\d+) \* \* \? \*\)")
WRONG = 2


@dataclass(frozen=True)
class Choices:
    """Each is None where nothing was chosen: what was before, or the default, stays."""

    cidr: str | None = None
    image: str | None = None
    start: str | None = None
    stop: str | None = None
    zone: str | None = None
    size: str | None = None
    interval: int | None = None
    dataset: str | None = None
    dataset_bucket: str | None = None
    email: str | None = None

    def parameters(self) -> dict[str, str]:
        """By the template's names; raises CommandError for what cannot be."""
        checked = {
            "AllowedCidr": self.cidr and _cidr(self.cidr),
            "Image": self.image,
            "StartCron": self.start and cron(self.start),
            "StopCron": self.stop and cron(self.stop),
            "Zone": self.zone and _zone(self.zone),
            "Size": self.size,
            "BatchInterval": None if self.interval is None else str(self.interval),
            "Dataset": self.dataset,
            "DatasetBucket": self.dataset_bucket,
            "AlarmEmail": self.email,
        }
        return {name: value for name, value in checked.items() if value is not None}

    @property
    def missing(self) -> list[str]:
        """The options that a new stack needs and were not given."""
        named = {field.name for field in fields(self) if getattr(self, field.name)}
        return [f"--{name}" for name in ("cidr", "image") if name not in named]


def cron(clock: str) -> str:
    """ "08:55" as the scheduler's expression; raises CommandError for what is no time."""
    try:
        when = time.fromisoformat(clock)
    except ValueError as error:
        text = f"{clock!r} is no time of day: write it as 08:55"
        raise CommandError(text, code=WRONG) from error
    return f"cron({when.minute} {when.hour} * * ? *)"


def time_of(expression: str) -> time:
    """The time of day in such an expression."""
    found = CRON.fullmatch(expression)
    if not found:
        raise CommandError(f"{expression!r} is not an expression of this template")
    return time(int(found[2]), int(found[1]))


def _cidr(text: str) -> str:
    try:
        network = IPv4Network(text)
    except ValueError as error:
        raise CommandError(
            f"--cidr: {error}: write it as 203.0.113.7/32", code=WRONG
        ) from error
    if network.prefixlen == 0:
        text = f"--cidr: {text} opens the data API to everybody: name who may ask"
        raise CommandError(text, code=WRONG)
    return str(network)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        text = f"--zone: {name!r} is no time zone: write it as America/Lima"
        raise CommandError(text, code=WRONG) from error
    return name

"""How much memory this process may have: its container's limit, else the machine's."""

import os
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OURS = Path("/proc/self/cgroup")


def memory_limit(cgroups: Path = CGROUPS, ours: Path = OURS) -> int:
    """The least of all limits that hold for this process, in bytes."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [_number(file) for file in _files(cgroups, ours)]
    return min([machine, *filter(None, limits)])


def _files(cgroups: Path, ours: Path) -> Iterator[Path]:
    """Of cgroup v2 and v1, from this process's group up to the root."""
    try:
        lines = ours.read_text().splitlines()
    except OSError:
        lines = []
    for line in ["0::/", "0:memory:/", *lines]:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            root, name = cgroups, "memory.max"
        elif "memory" in controllers.split(","):
            root, name = cgroups / "memory", "memory.limit_in_bytes"
        else:
            continue
        group = root / path.lstrip("/")
        groups = (group, *group.parents)
        yield from (each / name for each in groups if each.is_relative_to(root))


def _number(file: Path) -> int | None:
    """None where there is no limit."""
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None

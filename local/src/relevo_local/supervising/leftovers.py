"""What a supervisor that was killed has left running, found and ended."""

from collections.abc import Sequence

import psutil

from relevo_local.supervising.child import end, family
from relevo_local.supervising.processes import ProcessStatus

END_SECONDS = 5.0
CLOCK_SLACK = 2.0
"""Seconds by which the system's figures for the same moment may differ."""


def end_leftovers(processes: Sequence[ProcessStatus]) -> list[str]:
    """End what still runs of these, with all that they started; gives their names.

    Only the holder of the state folder may call this.
    """
    found = [(status.name, members) for status in processes if (members := _alive(status))]
    end([process for _, members in found for process in members], seconds=END_SECONDS)
    return [name for name, _ in found]


def _alive(status: ProcessStatus) -> list[psutil.Process]:
    """What is left of the process and its session; nothing of others with a reused id.

    A session's number is its first process's id, which the system gives to nobody
    else as long as the session has members. It starts anew at every boot.
    """
    if status.pid is None or status.pid_started is None:
        return []
    if status.pid_started < psutil.boot_time() - CLOCK_SLACK:
        return []
    members = family(status.pid)
    if any(_is_another(process, status) for process in members):
        return []
    return [process for process in members if _runs(process)]


def _is_another(process: psutil.Process, status: ProcessStatus) -> bool:
    began = process.create_time() if process.pid == status.pid else None
    return began is not None and abs(began - (status.pid_started or 0)) > CLOCK_SLACK


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

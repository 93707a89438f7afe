"""Becomes another program that ends when its parent ends (run as a script, not imported).

    python -I -S leash.py PARENT SIGNAL ACCOUNT PROGRAM ARGUMENTS…

Linux sends SIGNAL to the program when the *thread* that started it is gone, even by
kill -9. Elsewhere nothing is sent; the next start finds and ends what was left.
A script of its own, because code between fork and exec is not safe in a parent with
threads, and because the order matters: changing the account clears the wish.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def become(parent: int, signal: int, account: str, command: list[str]) -> None:
    """Change to `account` (if any), ask for `signal` at the parent's death, exec."""
    if account:
        import pwd

        entry = pwd.getpwnam(account)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
        if os.getppid() != parent:  # it died before we could ask
            sys.exit(f"the supervisor {parent} is gone")
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])

"""Starts the console: `python -m console`."""

from console.access import access_below
from console.app import build
from console.settings import SERVICE, Settings
from relevo_runtime.service import run

if __name__ == "__main__":
    run(SERVICE, Settings, build, access=lambda read: access_below(read.console_prefix))

"""Starts the console: `python -m console`."""

from console.app import access, build
from console.settings import SERVICE, Settings
from relevo_runtime.service import run

if __name__ == "__main__":
    run(SERVICE, Settings, build, access=access)

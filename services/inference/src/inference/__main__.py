"""Starts inference: `python -m inference`."""

from inference.app import access, build, protocol
from inference.settings import SERVICE, Settings
from relevo_runtime.service import run

if __name__ == "__main__":
    run(SERVICE, Settings, build, protocol=protocol, access=access)

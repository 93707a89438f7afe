"""Starts the cleaner: `python -m cleaner`."""

from cleaner.app import build
from cleaner.settings import SERVICE, Settings
from relevo_runtime.service import run

if __name__ == "__main__":
    run(SERVICE, Settings, build)

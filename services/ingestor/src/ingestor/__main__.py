"""Starts the ingestor: `python -m ingestor`."""

from ingestor.app import build
from ingestor.settings import SERVICE, Settings
from relevo_runtime.service import run

if __name__ == "__main__":
    run(SERVICE, Settings, build)

"""Starts the trainer: `python -m trainer`."""

from relevo_runtime.service import run
from trainer.app import build
from trainer.settings import SERVICE, Settings

if __name__ == "__main__":
    run(SERVICE, Settings, build)

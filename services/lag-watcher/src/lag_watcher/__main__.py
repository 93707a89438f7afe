"""Starts the lag-watcher: `python -m lag_watcher`."""

from lag_watcher.app import build
from lag_watcher.settings import SERVICE, Settings
from relevo_runtime.service import run

if __name__ == "__main__":
    run(SERVICE, Settings, build)

"""Starts the registry-watcher: `python -m registry_watcher`."""

from registry_watcher.app import build
from registry_watcher.settings import SERVICE, Settings
from registry_watcher.webhook import ACCESS
from relevo_runtime.service import run

if __name__ == "__main__":
    run(SERVICE, Settings, build, access=lambda _: ACCESS)

"""Starts the registry-watcher: `python -m registry_watcher`."""

from registry_watcher.app import access, build
from registry_watcher.settings import SERVICE, Settings
from relevo_runtime.service import run

if __name__ == "__main__":
    run(SERVICE, Settings, build, access=access)

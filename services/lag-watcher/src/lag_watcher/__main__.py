"""Starts the lag-watcher: `python -m lag_watcher`."""

from lag_watcher.app import SERVICE, build
from lag_watcher.settings import Settings
from relevo_runtime.logging import configure_logging
from relevo_runtime.operation import serve

if __name__ == "__main__":
    settings = Settings()
    configure_logging(SERVICE, level=settings.log_level, format=settings.log_format)
    serve(build(settings), settings)

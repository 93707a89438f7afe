"""Starts the lag-watcher: `python -m lag_watcher`."""

from lag_watcher.app import SERVICE, build
from lag_watcher.settings import Settings
from relevo_runtime.http.operation import serve
from relevo_runtime.telemetry.logging import configure_logging

if __name__ == "__main__":
    settings = Settings()
    configure_logging(SERVICE, level=settings.log_level, format=settings.log_format)
    serve(build(settings), settings)

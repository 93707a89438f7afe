"""Starts the registry-watcher: `python -m registry_watcher`."""

from registry_watcher.app import build
from registry_watcher.handlers import SERVICE
from registry_watcher.settings import Settings
from relevo_runtime.http.operation import serve
from relevo_runtime.telemetry.logging import configure_logging
from relevo_runtime.telemetry.tracing import configure_tracing

if __name__ == "__main__":
    settings = Settings()
    configure_logging(SERVICE, level=settings.log_level, format=settings.log_format)
    configure_tracing(SERVICE, endpoint=settings.otel_exporter_otlp_endpoint)
    serve(build(settings), settings)

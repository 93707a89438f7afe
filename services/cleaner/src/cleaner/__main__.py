"""Starts the cleaner: `python -m cleaner`."""

from cleaner.app import build
from cleaner.results import SERVICE
from cleaner.settings import Settings
from relevo_runtime.http.operation import serve
from relevo_runtime.telemetry.logging import configure_logging
from relevo_runtime.telemetry.tracing import configure_tracing

if __name__ == "__main__":
    settings = Settings()
    configure_logging(SERVICE, level=settings.log_level, format=settings.log_format)
    configure_tracing(SERVICE, endpoint=settings.otel_exporter_otlp_endpoint)
    serve(build(settings), settings)

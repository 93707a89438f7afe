"""Starts the ingestor: `python -m ingestor`."""

from ingestor.app import build
from ingestor.results import SERVICE
from ingestor.settings import Settings
from relevo_runtime.http.operation import serve
from relevo_runtime.telemetry.logging import configure_logging
from relevo_runtime.telemetry.tracing import configure_tracing

if __name__ == "__main__":
    settings = Settings()
    configure_logging(SERVICE, level=settings.log_level, format=settings.log_format)
    configure_tracing(SERVICE, endpoint=settings.otel_exporter_otlp_endpoint)
    serve(build(settings), settings)

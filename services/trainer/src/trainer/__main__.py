"""Starts the trainer: `python -m trainer`."""

from relevo_runtime.http.operation import serve
from relevo_runtime.telemetry.logging import configure_logging
from relevo_runtime.telemetry.tracing import configure_tracing
from trainer.app import SERVICE, build
from trainer.settings import Settings

if __name__ == "__main__":
    settings = Settings()
    configure_logging(SERVICE, level=settings.log_level, format=settings.log_format)
    configure_tracing(SERVICE, endpoint=settings.otel_exporter_otlp_endpoint)
    serve(build(settings), settings)

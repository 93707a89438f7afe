"""Starts inference: `python -m inference`."""

from inference.app import build
from inference.door.fast_path import fast_protocol
from inference.handlers import SERVICE
from inference.settings import Settings
from relevo_runtime.http.operation import serve
from relevo_runtime.telemetry.logging import configure_logging
from relevo_runtime.telemetry.tracing import configure_tracing

if __name__ == "__main__":
    settings = Settings()
    configure_logging(SERVICE, level=settings.log_level, format=settings.log_format)
    configure_tracing(SERVICE, endpoint=settings.otel_exporter_otlp_endpoint)
    app = build(settings)
    protocol = fast_protocol(app.state.slots, max_bytes=settings.inference_max_bytes)
    serve(app, settings, protocol=protocol)

"""The dashboards, by the names of their files."""

from collections.abc import Callable

from grafana_foundation_sdk.builders.dashboard import Dashboard

from relevo_observability.dashboards.api import api
from relevo_observability.dashboards.home import home
from relevo_observability.dashboards.kafka_lag import kafka_lag
from relevo_observability.dashboards.models import models
from relevo_observability.dashboards.pipeline import pipeline
from relevo_observability.dashboards.source import source
from relevo_observability.dashboards.system import system

DASHBOARDS: dict[str, Callable[[], Dashboard]] = {
    "home": home,
    "pipeline": pipeline,
    "kafka-lag": kafka_lag,
    "api": api,
    "models": models,
    "system": system,
    "source": source,
}

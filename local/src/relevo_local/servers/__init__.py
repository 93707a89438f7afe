"""The real servers: one by one for tests, all for the platform, by one code."""

from relevo_local.places.addresses import S3Address
from relevo_local.servers.kafka import Kafka, running_kafka
from relevo_local.servers.mlflow import Mlflow, running_mlflow
from relevo_local.servers.postgres import Postgres, running_postgres
from relevo_local.servers.seaweedfs import SeaweedFS, running_seaweedfs

__all__ = [
    "Kafka",
    "Mlflow",
    "Postgres",
    "S3Address",
    "SeaweedFS",
    "running_kafka",
    "running_mlflow",
    "running_postgres",
    "running_seaweedfs",
]

"""What a service reads of the environment about Kafka, and about messages that fail."""

from pydantic import Field
from pydantic_settings import BaseSettings


class KafkaSettings(BaseSettings):
    """Where the broker is, and how long a service waits for it and for its own handlers."""

    kafka_bootstrap_servers: str = Field(
        default="127.0.0.1:9092", description="host:port,host:port"
    )
    kafka_group_instance_id: str | None = Field(
        default=None,
        description="a name of its own for each process: a quick restart keeps its "
        "partitions; two processes with one name steal them from each other",
    )
    kafka_session_timeout_seconds: float = Field(
        default=10.0, gt=0, description="after this silence the group works without us"
    )
    kafka_publish_timeout_seconds: float = Field(
        default=15.0, gt=0, description="a broker that takes longer is away"
    )
    delivery_attempts: int = Field(
        default=3,
        ge=1,
        description="how often a handler with a bug is tried, and how many deaths of "
        "the process in a row a message may cause",
    )
    delivery_first_delay_seconds: float = Field(
        default=0.2, gt=0, description="before a message is read again; doubles"
    )
    delivery_longest_delay_seconds: float = Field(
        default=5.0, gt=0, description="between two attempts in a long outage"
    )
    drain_seconds: float = Field(
        default=8.0,
        gt=0,
        description="how long a stop or a rebalance waits for the running handler",
    )

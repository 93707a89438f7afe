"""What the services hear and say over Kafka."""

"""What MLflow sees: runs, versions, cards and pictures."""

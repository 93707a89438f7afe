"""Publishes the champion alias, as it stands in MLflow, as model.promoted."""

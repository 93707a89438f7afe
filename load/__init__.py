"""Load on the prediction routes."""

"""The whole platform on one machine, without Docker."""

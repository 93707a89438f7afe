"""Measures from outside how far each consumer group is behind."""

"""Turns batch.raw into batch.clean."""

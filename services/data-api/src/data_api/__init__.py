"""Hands out one batch per interval and plays the outside world."""

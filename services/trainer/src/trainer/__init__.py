"""Learns from batch.clean and moves the champion alias when it was earned."""

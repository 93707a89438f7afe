"""What is claimed about speed and honesty, as programs: `python -m benchmarks`."""

"""What requests notice while models change: `python -m benchmarks swap`."""

"""100,000 requests of all kinds of wrong against a pod: `python -m benchmarks fuzz`."""

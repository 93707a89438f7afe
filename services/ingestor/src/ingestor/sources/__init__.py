"""Where batches come from: the port, and an adapter for each kind of source."""

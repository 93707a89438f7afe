"""Takes each batch once, stores it and publishes batch.raw."""

"""What the catalog, the object store and MLflow keep, read for a page: when it is asked."""

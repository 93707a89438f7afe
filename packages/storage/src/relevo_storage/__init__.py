"""Where objects and results are kept: ports and their MinIO and PostgreSQL adapters."""

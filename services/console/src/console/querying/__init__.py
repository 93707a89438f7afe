"""SQL on the data: answered by programs of their own, as DuckDB is twice the console."""

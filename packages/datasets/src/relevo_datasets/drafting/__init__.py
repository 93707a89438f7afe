"""A declaration drafted from a table: what its columns are, guessed and written down."""

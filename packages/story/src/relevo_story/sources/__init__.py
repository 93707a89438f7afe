"""Where the facts come from: topics, catalog, data API, metrics; each behind one file."""

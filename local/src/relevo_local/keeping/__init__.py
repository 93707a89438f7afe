"""A platform's data as a folder, and a platform out of such a folder."""

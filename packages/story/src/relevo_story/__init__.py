"""The story that a platform tells: facts as they are read, as rows and as sentences."""

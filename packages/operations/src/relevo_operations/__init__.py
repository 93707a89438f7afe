"""What a person may do to the platform, each use noted with who and why."""

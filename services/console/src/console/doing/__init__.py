"""What a person may do here: the platform's hands, opened for each use."""

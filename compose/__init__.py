"""Starting and updating the cluster of compose.yaml without an outage; Python alone."""

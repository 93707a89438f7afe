"""What learns: from clean batches to a challenger; pure."""

"""How fast a pod answers, as ratios to other servers of the same model on the same core."""

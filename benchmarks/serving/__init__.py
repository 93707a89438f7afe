"""How fast a pod answers, as ratios to other servers on the same core."""

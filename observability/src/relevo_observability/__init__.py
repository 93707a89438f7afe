"""What is seen of the platform: dashboards and the metrics page, as typed Python."""

"""The data source on an EC2 machine that wakes and sleeps by plan."""

"""What measures speed and accuracy. May import every room; no room imports it."""

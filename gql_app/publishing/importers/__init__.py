"""Ways to bring an existing community in."""

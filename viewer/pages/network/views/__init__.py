"""What the Network workspace shows; passive."""

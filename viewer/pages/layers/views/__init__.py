"""What the Layers workspace is made of."""

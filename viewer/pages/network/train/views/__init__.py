"""Views of the Train side; passive."""

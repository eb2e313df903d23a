"""Views of the Network workspace; passive."""

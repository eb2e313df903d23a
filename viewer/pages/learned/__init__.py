"""The filters that a network learned."""

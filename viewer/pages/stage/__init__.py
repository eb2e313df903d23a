"""The Stage: a class sees where a number comes from."""

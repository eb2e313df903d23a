"""Pictures larger than the memory: read some rows at a time, and written so by many at once."""

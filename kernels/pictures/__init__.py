"""Pictures: reading, writing, channels, and how values become grey levels."""
